// Tidies up workspaces of runs that have ended: by what the ledger says is there, so that a crash loses nothing of it.

import { reason } from '../core/admission/reasons.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import { tidyingArgv } from '../core/workspace/script.ts';
import { chores } from '../core/workspace/workspace.ts';
import type { Chore, Workspace } from '../core/workspace/workspace.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ending } from './ending.ts';
import type { House } from './house.ts';
import { programPlan } from './precheck.ts';
import type { Preparation } from './preparation.ts';
import type { Recorder } from './recorder.ts';

/** What keeps for days is looked at once an hour; ends of runs and of chores are looked at when they come. */
const EVERY_MS = 60 * 60_000;
/** Ends that come close together are looked at together. */
const SOON_MS = 200;
/** After these there may be something to do, or a later time for it. */
const WAKES: ReadonlySet<RecordedFact['kind']> = new Set([
  'run.ended',
  'run.refused',
  'attempt.ended',
  'workspace.stuck',
]);
/** Time for a commit, a removal and a measurement. */
const TIDYING_TIMEOUT_MS = 30 * 60_000;

/** What the janitor needs beside the house. */
export interface JanitorParts {
  readonly recorder: Recorder;
  readonly preparation: Preparation;
  readonly ending: Pick<Ending, 'neverStarted' | 'refuseAttempt'>;
  readonly fail: (error: unknown) => void;
}

/** One chore at a time, each an attempt on the execution host. */
export class Janitor {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'host' | 'feed'>;
  readonly #parts: JanitorParts;
  #timer: { readonly at: number; readonly timer: Timer } | null = null;
  #unsubscribe: () => void = () => undefined;
  #working: Promise<void> | null = null;
  #stopped = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'host' | 'feed'>, parts: JanitorParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Looks at once, at every end from now on, and once an hour. */
  start(): void {
    this.#unsubscribe = this.#house.feed.subscribe(({ kind }) => {
      if (WAKES.has(kind)) {
        this.#arm(SOON_MS);
      }
    });
    this.#arm(SOON_MS);
  }

  /** No chore is begun after this. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#timer?.timer.cancel();
    await this.#working;
  }

  /** The next look comes no later than in `delayMs`. */
  #arm(delayMs: number): void {
    const at = this.#house.clock.monotonic() + delayMs;
    if (this.#stopped || (this.#timer !== null && this.#timer.at <= at)) {
      return;
    }
    this.#timer?.timer.cancel();
    const timer = this.#house.clock.after(delayMs, () => {
      this.#timer = null;
      this.#working = (this.#working ?? Promise.resolve())
        .then(async () => this.#look())
        .catch(this.#parts.fail)
        .finally(() => this.#arm(EVERY_MS));
    });
    this.#timer = { at, timer };
  }

  async #look(): Promise<void> {
    const { clock, ledger, fleet } = this.#house;
    const there = ledger.workspaces.there();
    // What is under way tells us when it ends.
    if (this.#stopped || there.length === 0 || ledger.attempts.open().some(({ purpose }) => purpose === 'tidy')) {
      return;
    }
    const { workspaceRetentionMs, workspaceMaxBytes, retentionRunsMs } = fleet.now.factory;
    const retentionMs = Math.min(workspaceRetentionMs, retentionRunsMs);
    const now = clock.now();
    const [next] = chores(there, { retentionMs, maxBytes: workspaceMaxBytes }, now);
    if (next !== undefined) {
      await this.#begin(next.workspace, next.chore);
      return;
    }
    const later = there.map(({ workspace }) => workspace.nextAt).filter((at) => at > now);
    if (later.length > 0) {
      this.#arm(Math.min(...later) - now);
    }
  }

  async #begin(workspace: Workspace, chore: Chore): Promise<void> {
    const { recorder, preparation, ending } = this.#parts;
    const run = this.#house.ledger.runs.get(workspace.run);
    if (run === null) {
      return;
    }
    const message = `${run.id} of ${run.agent}: what it left uncommitted (${run.outcome?.kind ?? 'ended'})`;
    const plan = programPlan(tidyingArgv(workspace, chore, message));
    const step = { purpose: 'tidy', plan, timeoutMs: TIDYING_TIMEOUT_MS } as const;
    const prepared = preparation.prepareTidying(run, workspace, step);
    recorder.commit('daemon', (note) => {
      preparation.writeIntent(run, prepared, note);
    });
    const reply = await this.#house.host.start(prepared.spec);
    if (reply.kind === 'did_not_start') {
      await ending.neverStarted(prepared.attempt, reply.cause, reply.message);
    } else if (reply.kind === 'paused') {
      const paused = reason('project.paused', `${reply.flag} was there: tidied up later`);
      await ending.refuseAttempt(run, prepared.attempt, [paused]);
    }
  }
}
