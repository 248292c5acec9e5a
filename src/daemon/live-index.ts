// Counts of live runs that a dispatch pass carries along while it admits.

import type { LiveCounts } from '../core/admission/snapshot.ts';
import type { HeldSlot } from '../ports/ledger.ts';

/** Live runs by project and agent, and the memory promised to them. */
export class LiveIndex {
  private total = 0;
  private promised = 0;
  private readonly byProject = new Map<string, number>();
  private readonly byAgent = new Map<string, number>();

  /** The counts of `runs`, all of them live. */
  static of(runs: readonly HeldSlot[]): LiveIndex {
    const index = new LiveIndex();
    for (const run of runs) {
      index.add(run, run.memoryPromisedBytes);
    }
    return index;
  }

  /** One more run is live. */
  add(run: Pick<HeldSlot, 'agent' | 'project'>, memoryBytes: number): void {
    this.total += 1;
    this.promised += memoryBytes;
    this.byAgent.set(run.agent, (this.byAgent.get(run.agent) ?? 0) + 1);
    if (run.project !== null) {
      this.byProject.set(run.project, (this.byProject.get(run.project) ?? 0) + 1);
    }
  }

  ofProject(project: string): number {
    return this.byProject.get(project) ?? 0;
  }

  /** A view for the gates; it changes with later `add`s. */
  counts(): LiveCounts {
    return { total: this.total, byProject: this.byProject, byAgent: this.byAgent, promisedMemoryBytes: this.promised };
  }
}
