// Follows the flags that people made: notes when the whole factory is paused, and removes those whose `--for` has passed.

import type { ProjectId } from '../core/ids.ts';
import { readFlagText } from '../core/pause/flag-text.ts';
import { FACTORY_FLAG, sortFlagNames } from '../core/pause/flag.ts';
import type { FlagListing } from '../ports/pause-flags.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Note, Recorder } from './recorder.ts';

type Needs = Pick<House, 'ledger' | 'clock' | 'fleet' | 'pauseFlags'>;

/** Under this key the ledger holds whether FACTORY_FLAG was there at the last look. */
const SEEN_KEY = 'factory';

/** Who lifts a pause that was made for a time. */
const BY = 'the end of adf pause --for';

/** Notes that the flag of the whole factory came or went. A look that failed says neither. */
export function observeFactoryFlag(house: Needs, note: Note): void {
  if (!hasFactoryFlagMoved(house)) {
    return;
  }
  const seen = wasFactoryFlagSeen(house);
  house.ledger.states.set('flag', SEEN_KEY, !seen);
  note(
    seen
      ? { kind: 'pause.lifted', flag: FACTORY_FLAG, by: 'a person' }
      : { kind: 'pause.set', flag: FACTORY_FLAG, owner: 'human' },
  );
}

/** Whether the flag of the whole factory came or went since that was last noted. */
export function hasFactoryFlagMoved(house: Pick<Needs, 'ledger' | 'pauseFlags'>): boolean {
  const { kind } = house.pauseFlags.now.stat(FACTORY_FLAG);
  return kind !== 'unknown' && (kind === 'present') !== wasFactoryFlagSeen(house);
}

function wasFactoryFlagSeen({ ledger }: Pick<Needs, 'ledger'>): boolean {
  return ledger.states.get('flag', SEEN_KEY) === true;
}

/**
 * Removes every flag of a person in `listing` whose time is over; answers whether there was one. Only the file that was read is removed:
 * one that is touched or written anew meanwhile stays. Rejects with OperationalError `flag.remove`.
 */
export async function endTimedPauses(
  house: Needs,
  parts: { readonly recorder: Recorder; readonly breakers: Breakers },
  listing: FlagListing,
): Promise<boolean> {
  const { pauseFlags, fleet, clock } = house;
  const flags = pauseFlags.now;
  let ended = false;
  const names = sortFlagNames(
    listing.kind === 'read' ? listing.names : [],
    fleet.now.projects.map((project) => project.id),
  );
  for (const name of [...(names.factory ? [FACTORY_FLAG] : []), ...names.projects]) {
    const stat = flags.stat(name);
    const words = readFlagText(stat.kind === 'present' ? stat.text : null);
    if (stat.kind !== 'present' || words.incident !== null || words.until === null || words.until > clock.now()) {
      continue;
    }
    if ((await flags.removePauseFlag(name, { mtimeNs: stat.mtimeNs, incident: null })) === 'removed') {
      ended = true;
      parts.recorder.commit('daemon', (note) => {
        if (name === FACTORY_FLAG) {
          observeFactoryFlag(house, (fact) => {
            note(fact.kind === 'pause.lifted' ? { ...fact, by: BY } : fact);
          });
        } else {
          parts.breakers.apply(name as ProjectId, { kind: 'pause_lifted', by: BY }, note);
        }
      });
    }
  }
  return ended;
}
