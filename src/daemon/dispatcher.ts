// Asks admission about every waiting request, and hands what was admitted to the launcher.

import type { Queued } from '../core/admission/waiting.ts';
import { expiresAt } from '../core/admission/waiting.ts';
import type { Run } from '../core/run/run.ts';
import type { Breakers } from './breakers.ts';
import type { Decision } from './decision.ts';
import type { House } from './house.ts';
import type { Accepted, Intake, Wish } from './intake.ts';
import type { Launcher } from './launcher.ts';
import { LiveIndex } from './live-index.ts';
import { projectsOf } from './look.ts';
import type { Look, MachineFacts } from './look.ts';
import type { Prepared } from './preparation.ts';
import { Queue } from './queue.ts';
import type { Recorder } from './recorder.ts';
import type { Stops } from './stops.ts';
import { Turns } from './turns.ts';

/** Requests decided in one transaction; the rest follows in the next. */
const BATCH = 256;
/** A pass at least this often while anything waits, so that no missed wake leaves a request waiting. */
const LONGEST_WAIT_MS = 1000;

/** What the dispatcher needs beside the house. */
export interface DispatcherParts {
  readonly recorder: Recorder;
  readonly intake: Intake;
  readonly look: Look;
  readonly decision: Decision;
  readonly breakers: Breakers;
  readonly launcher: Launcher;
  readonly stops: Stops;
  readonly fail: (error: unknown) => void;
}

interface Submission {
  readonly wishes: readonly Wish[];
  readonly resolve: (accepted: readonly Accepted[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Admitted {
  readonly run: Run;
  readonly prepared: Prepared | null;
}

/** Decides about waiting requests, one pass at a time. */
export class Dispatcher {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #parts: DispatcherParts;
  readonly #submissions: Submission[] = [];
  readonly #turns: Turns;
  readonly #queue: Queue;
  #begun = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, parts: DispatcherParts) {
    this.#house = house;
    this.#parts = parts;
    this.#queue = new Queue(house, parts.decision);
    this.#turns = new Turns(house.clock, async () =>
      this.#pass().catch((error: unknown) => {
        parts.fail(error);
        return LONGEST_WAIT_MS;
      }),
    );
  }

  /** From now on decisions are made. What is recovered before must not be claimed and put back at the same time. */
  begin(): void {
    this.#begun = true;
    this.wake();
  }

  /** Something changed: ask again soon. Cheap to call often. */
  wake(): void {
    this.#queue.changed();
    if (this.#begun) {
      this.#turns.wake();
    }
  }

  /** Takes wishes in and decides about them in one transaction, together with whoever else comes meanwhile. */
  async submit(wishes: readonly Wish[]): Promise<readonly Accepted[]> {
    return new Promise((resolve, reject) => {
      this.#submissions.push({ wishes, resolve, reject });
      this.wake();
    });
  }

  /** No decision is made after this; resolves when the pass under way has ended. Wishes not yet taken in are given back. */
  async stop(): Promise<void> {
    await this.#turns.stop();
    for (const submission of this.#submissions.splice(0)) {
      submission.reject(new Error('the daemon is stopping'));
    }
  }

  /** One pass; answers after which time to come back by itself (null: only when woken). */
  async #pass(): Promise<number | null> {
    const { all, due } = this.#queue.look();
    if (this.#submissions.length === 0 && due.length === 0) {
      this.#queue.restart();
      return this.#pauseMs(all);
    }
    await this.#parts.look.inputs(due);
    const machine = await this.#parts.look.machineFacts();
    const submissions = this.#submissions.splice(0);
    const decided = this.#decideAll(machine, submissions);
    return decided.rest ? 0 : this.#pauseMs(decided.waiting);
  }

  #decideAll(
    machine: MachineFacts,
    submissions: readonly Submission[],
  ): { readonly rest: boolean; readonly waiting: readonly Queued[] } {
    const admitted: Admitted[] = [];
    const accepted: (readonly Accepted[])[] = [];
    let waiting: readonly Queued[] = [];
    let rest = false;
    try {
      this.#parts.recorder.commit('scheduler', (note) => {
        for (const { wishes } of submissions) {
          accepted.push(wishes.map((wish) => this.#parts.intake.accept(wish, note)));
          this.#queue.changed();
        }
        const { all, slots } = this.#queue.look();
        waiting = all;
        const live = LiveIndex.of(this.#house.ledger.runs.held(), all);
        const { batch, rest: goesOn } = this.#queue.take(BATCH);
        rest = goesOn;
        // Whoever removed a flag has decided: the breaker learns of it before any gate is asked.
        this.#parts.breakers.observe(projectsOf(batch), note);
        const view = { facts: this.#parts.look.hostFacts(machine, batch), live, slots };
        const verdicts = batch.map((run) => this.#parts.decision.decide(run, view, note));
        if (verdicts.some((verdict) => verdict !== 'defer')) {
          this.#queue.changed();
        }
        const claimed = batch.filter((_, index) => verdicts[index] === 'admit');
        for (const run of this.#parts.stops.supersede(claimed, note)) {
          admitted.push({ run, prepared: this.#parts.launcher.prepareNow(run, note) });
        }
        // Who was refused a place that is free again by now is asked again at once.
        rest ||= admitted.length < claimed.length;
      });
    } catch (error) {
      this.#parts.decision.undone();
      this.#queue.restart();
      for (const submission of submissions) {
        submission.reject(error);
      }
      throw error;
    }
    for (const [index, submission] of submissions.entries()) {
      submission.resolve(accepted[index] ?? []);
    }
    this.#launch(admitted, machine);
    return { rest, waiting };
  }

  #launch(admitted: readonly Admitted[], machine: MachineFacts): void {
    for (const { run, prepared } of admitted) {
      if (this.#house.fleet.agent(run.agent)?.overlap === 'replace') {
        this.#parts.stops.replaceFor(run);
      }
      if (prepared === null) {
        this.#parts.launcher.launch(run);
      } else {
        this.#parts.launcher.startPrepared(run, prepared, machine);
      }
    }
  }

  #pauseMs(waiting: readonly Queued[]): number | null {
    if (waiting.length === 0) {
      return null;
    }
    const { clock, fleet } = this.#house;
    const now = clock.now();
    const instants = waiting.map((run) => {
      const agent = fleet.agent(run.agent);
      return run.notBefore > now || agent === null ? run.notBefore : expiresAt(run, agent, fleet.now.factory);
    });
    return Math.min(LONGEST_WAIT_MS, Math.max(1, Math.min(...instants) - now));
  }
}
