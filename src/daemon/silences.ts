// Takes over what the dead-man noted while the daemon was silent, and has an issue opened for each silence.

import { silenceBody, silenceMarker, silenceTitle } from '../core/watch/silence.ts';
import type { Silence } from '../core/watch/silence.ts';
import type { TrackerPlace } from '../ports/tracker.ts';
import type { House } from './house.ts';
import type { ReactionTarget } from './outbox.ts';
import type { Recorder } from './recorder.ts';
import { failed, trackerStamp } from './tracker-target.ts';
import { Turns } from './turns.ts';
import { CLOCK_SLACK_MS } from './tracker-clock.ts';

const TARGET = 'silence';
/** The dead-man looks once a minute, too. */
const LOOK_MS = 60_000;
const STOP_MS = 1000;
/** A daemon that is silent more often than this is one problem, which the first issues tell. */
const PER_HOUR = 12;
/** A silence is the factory's: its issue goes where those go that belong to no project. */
const PLACE: TrackerPlace = { project: null, owner: null, repository: null };

/** What it needs beside the house. */
export interface SilencesParts {
  readonly recorder: Recorder;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** Looks for notes of the dead-man at the start, and once a minute. */
export class Silences {
  readonly #turns: Turns;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'silences'>, parts: SilencesParts) {
    const turn = async (): Promise<number> =>
      takeOver(house, parts).then(
        () => LOOK_MS,
        (error: unknown) => {
          parts.fail(error);
          return LOOK_MS;
        },
      );
    this.#turns = new Turns(house.clock, turn);
  }

  start(): void {
    this.#turns.wake();
  }

  /** Resolves when no note is being taken over. */
  async stop(): Promise<void> {
    await this.#turns.stop(STOP_MS);
  }
}

/** The note goes after the issue is certain to be opened; one that is read twice is the same silence. */
async function takeOver(
  { silences, ledger, clock }: Pick<House, 'clock' | 'ledger' | 'silences'>,
  { recorder, wake }: SilencesParts,
): Promise<void> {
  for (const silence of await silences.list()) {
    const key = `${TARGET} ${silence.since}`;
    recorder.commit('daemon', (note) => {
      const row = { target: TARGET, lane: TARGET, unit: key, naturalKey: key, effect: silence };
      if (ledger.outbox.add({ ...row, createdAt: clock.now() })) {
        note({ kind: 'daemon.silent', ...silence });
      }
    });
    await silences.remove(silence);
    wake();
  }
}

/** The outbox target that opens the issue of a silence. */
export function silenceTarget(house: Pick<House, 'tracker' | 'fleet'>, host: string): ReactionTarget {
  return {
    name: TARGET,
    perHour: PER_HOUR,
    accessStamp: async () => trackerStamp(house),
    react: async (row) => {
      const silence = row.effect as Silence;
      const { gitea } = house.fleet.now;
      const opened = await house.tracker.open(PLACE, {
        marker: silenceMarker(silence),
        title: silenceTitle(silence, host),
        body: silenceBody(silence, host),
        labels: gitea?.labels ?? [],
        assignees: gitea?.assignees ?? [],
        since: silence.since - CLOCK_SLACK_MS,
      });
      return opened.kind === 'failed'
        ? failed(opened)
        : { kind: 'done', note: [`#${opened.value.number}`, ...opened.warnings].join(' · ') };
    },
  };
}
