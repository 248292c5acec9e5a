// Brings the ledger and the living together when the daemon starts: adopt, declare lost, put back, end.

import { recover } from '../core/recover/adopt.ts';
import type { Attempt } from '../core/run/run.ts';
import type { AttemptId } from '../core/ids.ts';
import type { Adoption, HeldAttempt } from '../ports/execution-host.ts';
import { putBack } from './end-run.ts';
import type { Ending } from './ending.ts';
import type { HostEvents } from './host-events.ts';
import { cursorsOf } from './cursors.ts';
import { coverOutputs } from './cover-output.ts';
import type { House } from './house.ts';
import type { Recorder } from './recorder.ts';
import type { Stops } from './stops.ts';
import type { Supervisor } from './supervisor.ts';

/** What recovery needs beside the house. */
export interface RecoveryParts {
  readonly recorder: Recorder;
  readonly ending: Ending;
  readonly events: HostEvents;
  readonly supervisor: Supervisor;
  readonly stops: Stops;
}

/** What it uses of the house. */
type Needed = Pick<House, 'ledger' | 'host' | 'clock' | 'boot' | 'fleet' | 'files' | 'secrets'>;

/** Recovers; answers how many attempts are held. */
export class Recovery {
  readonly #house: Needed;
  readonly #parts: RecoveryParts;

  constructor(house: Needed, parts: RecoveryParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Connects the host and settles every attempt and claim that an earlier daemon left open. */
  async recover(): Promise<number> {
    const { ledger, host } = this.#house;
    const open = ledger.attempts.open();
    const { adoptions, strays } = await host.connect(
      { cursors: cursorsOf(ledger), held: open.map(heldOf) },
      (event) => {
        this.#parts.events.push(event);
      },
    );
    await this.#parts.events.settled();
    this.#parts.recorder.commit('recovery', (note) => {
      for (const stray of strays) {
        note({ kind: 'stray.found', attempt: stray.attemptId, pid: stray.identity.pid });
      }
    });
    const held = this.#settle(adoptions);
    // Whoever ended without a daemon has nobody to read its last words.
    for (const { outPath, errPath } of open.filter(({ id }) => ledger.attempts.get(id)?.state === 'ended')) {
      await coverOutputs(this.#house, [outPath, errPath]);
    }
    await this.#house.files.sweepInputs(new Set(ledger.attempts.open().map((attempt) => attempt.id)));
    return held;
  }

  #settle(adoptions: ReadonlyMap<AttemptId, Adoption>): number {
    const { ledger, boot } = this.#house;
    const adopted: Attempt[] = [];
    this.#parts.recorder.commit('recovery', (note) => {
      for (const attempt of ledger.attempts.open()) {
        const verdict = recover(attempt, adoptions.get(attempt.id) ?? 'gone', boot.bootId);
        switch (verdict.kind) {
          case 'adopt':
            adopted.push(attempt);
            break;
          case 'lost':
            this.#parts.ending.lose(attempt, verdict.outcome, note);
            break;
          case 'never_started':
            this.#parts.ending.restart(attempt, note);
            break;
        }
      }
      for (const run of ledger.runs.live()) {
        const hasOpen = ledger.attempts.ofRun(run.id).some((attempt) => attempt.state !== 'ended');
        if (!hasOpen) {
          putBack(ledger, run, { why: `was ${run.state} without a process when the daemon ended`, note });
        }
      }
    });
    adopted.forEach((attempt) => this.#takeOver(attempt));
    return adopted.length;
  }

  #takeOver(attempt: Attempt): void {
    const { supervisor, stops } = this.#parts;
    const run = this.#house.ledger.runs.get(attempt.run);
    if (run === null) {
      return;
    }
    supervisor.watch(run, attempt);
    if (attempt.stop !== null) {
      // Where the host is at it already it goes on at its step.
      stops.repeat(run, attempt, attempt.stop);
    } else if (attempt.purpose === 'precheck') {
      stops.repeat(run, attempt, { kind: 'stale' });
    }
  }
}

function heldOf(attempt: Attempt): HeldAttempt {
  return {
    attemptId: attempt.id,
    identity: attempt.identity,
    startedAt: attempt.startedAt ?? attempt.intendedAt,
    limits: attempt.limits as HeldAttempt['limits'],
    stopPlans: attempt.stopPlans as HeldAttempt['stopPlans'],
    outPath: attempt.outPath,
    errPath: attempt.errPath,
  };
}
