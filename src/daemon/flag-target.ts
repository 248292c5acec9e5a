// Writes and removes the breaker's own pause flags, as the outbox asks.

import type { Effect } from '../core/breaker/event.ts';
import type { ProjectId } from '../core/ids.ts';
import { breakerFlagText, issueOf } from '../core/pause/flag-text.ts';
import { wantsFlag } from '../core/breaker/flag-change.ts';
import { placeOf } from './issue-links.ts';
import { messageOf } from '../lib/operational-error.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Reacted, ReactionTarget } from './outbox.ts';

type FlagEffect = Extract<Effect, { kind: 'write_flag' | 'remove_flag' }> & { readonly project: ProjectId };

/** Flags cost nothing: the cap only stops a loop of our own making. */
const PER_HOUR = 3600;

/** The outbox target `flag`. */
export function flagTarget(house: Pick<House, 'pauseFlags' | 'fleet' | 'tracker'>, breakers: Breakers): ReactionTarget {
  return {
    name: 'flag',
    perHour: PER_HOUR,
    accessStamp: async () => Promise.resolve(''),
    react: async (row) => {
      const effect = row.effect as FlagEffect;
      return effect.kind === 'write_flag' ? write(house, breakers, effect) : remove(house, breakers, effect);
    },
  };
}

async function write(
  house: Pick<House, 'pauseFlags' | 'fleet' | 'tracker'>,
  breakers: Breakers,
  effect: Extract<FlagEffect, { kind: 'write_flag' }>,
): Promise<Reacted> {
  const flags = house.pauseFlags.now;
  const { project, incident, writes } = effect;
  const state = breakers.state(project);
  if (!wantsFlag(state, effect)) {
    return { kind: 'done', note: 'no longer wanted' };
  }
  const path = flags.path(project);
  const repository = house.fleet.now.gitea === null ? null : placeOf(house, project).where;
  const text = breakerFlagText(effect, { name: project, path, issue: issueOf(state), repository });
  try {
    const touched = await flags.touchPauseFlag({ name: project, text, own: { incident, stampAt: effect.stampAt } });
    return touched.kind === 'foreign'
      ? {
          kind: 'done',
          note: `a person's flag is there already: ${touched.path}`,
          also: (note) => {
            breakers.apply(project, { kind: 'flag_foreign', incident, writes }, note);
          },
        }
      : {
          kind: 'done',
          note: touched.path,
          also: (note) => {
            breakers.apply(
              project,
              { kind: 'flag_written', incident, writes, path: touched.path, mtimeNs: touched.mtimeNs },
              note,
            );
          },
        };
  } catch (error) {
    return {
      kind: 'retry',
      error: messageOf(error),
      notBefore: null,
      also: (note) => {
        breakers.apply(project, { kind: 'flag_failed', incident, error: messageOf(error) }, note);
      },
    };
  }
}

async function remove(
  house: Pick<House, 'pauseFlags' | 'fleet' | 'tracker'>,
  breakers: Breakers,
  effect: Extract<FlagEffect, { kind: 'remove_flag' }>,
): Promise<Reacted> {
  const { project, mtimeNs, incident } = effect;
  const removed = await house.pauseFlags.now.removePauseFlag(project, { mtimeNs, incident });
  return removed === 'not_ours'
    ? { kind: 'done', note: 'left: it is no longer ours' }
    : {
        kind: 'done',
        note: removed,
        also: (note) => {
          breakers.apply(project, { kind: 'flag_removed' }, note);
        },
      };
}
