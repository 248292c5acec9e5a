// Counts of live runs that a dispatch pass carries along while it decides.

import type { LiveCounts } from '../core/admission/snapshot.ts';
import { isBetweenAttempts } from '../core/run/lifecycle.ts';
import type { Run } from '../core/run/run.ts';
import type { HeldSlot } from '../ports/ledger.ts';

type Waiting = Pick<Run, 'agent' | 'state' | 'attempts'>;

/** Live runs by project and agent, the memory promised to them, and runs between two attempts. */
export class LiveIndex {
  #total = 0;
  #promised = 0;
  readonly #byProject = new Map<string, number>();
  readonly #byAgent = new Map<string, number>();
  readonly #betweenAttempts = new Map<string, number>();

  /** The counts of `live` and of those among `waiting` that have begun before. */
  static of(live: readonly HeldSlot[], waiting: readonly Waiting[]): LiveIndex {
    const index = new LiveIndex();
    for (const run of live) {
      index.#hold(run, run.memoryPromisedBytes);
    }
    for (const run of waiting.filter(isBetweenAttempts)) {
      add(index.#betweenAttempts, run.agent, 1);
    }
    return index;
  }

  /** A run that waited is live from here on. */
  admit(run: Waiting & Pick<Run, 'project'>, memoryBytes: number): void {
    this.leave(run);
    this.#hold(run, memoryBytes);
  }

  /** A run does not wait any more. */
  leave(run: Waiting): void {
    if (isBetweenAttempts(run)) {
      add(this.#betweenAttempts, run.agent, -1);
    }
  }

  /** Live runs. */
  get all(): number {
    return this.#total;
  }

  ofProject(project: string): number {
    return this.#byProject.get(project) ?? 0;
  }

  /** A view for the gates; it changes with what is admitted later. */
  counts(): LiveCounts {
    return {
      total: this.#total,
      byProject: this.#byProject,
      byAgent: this.#byAgent,
      betweenAttempts: this.#betweenAttempts,
      promisedMemoryBytes: this.#promised,
    };
  }

  #hold(run: Pick<HeldSlot, 'agent' | 'project'>, memoryBytes: number): void {
    this.#total += 1;
    this.#promised += memoryBytes;
    add(this.#byAgent, run.agent, 1);
    if (run.project !== null) {
      add(this.#byProject, run.project, 1);
    }
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
