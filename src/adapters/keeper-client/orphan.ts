// Watches one attempt whose keeper is dead: limits, stops and tree kill go on; its code nobody can have any more.

import { spawn } from 'node:child_process';
import { AttemptWatch, leafCpuNow, type Cause, type Nets, type Step, type Stopping } from '../../os/attempt-watch.ts';
import { countersOf } from '../../os/cgroup-limits.ts';
import { leafOf, removeLeaf } from '../../os/cgroup.ts';
import { monotonicMs } from '../../os/monotonic.ts';
import { punchBy } from '../../os/output-file.ts';
import { ageMs, readStat, ticksToMs } from '../../os/proc.ts';
import { firstRuns, type Tree } from '../../os/tree.ts';
import type { Usage } from '../../os/tree-usage.ts';
import { heldBySampling, type StartEntry } from '../../os/wire.ts';
import type { ExitReport } from '../../ports/execution-host.ts';
import { orphanReport } from './translate.ts';

/** How often it is looked whether the first process is still the same. */
const IDENTITY_MS = 500;

/** What is known about an attempt that lost its keeper. */
export interface OrphanInput {
  readonly stateId: string;
  readonly start: StartEntry;
  /** A stop that the keeper had begun. */
  readonly stopping: Stopping | null;
  /** Null: somebody else holds the limits, only a stop is wanted. */
  readonly nets: Nets | null;
  readonly outputs: readonly string[];
}

/** An attempt without a keeper. */
export class Orphan {
  readonly start: StartEntry;
  readonly #watch: AttemptWatch;
  #timer: NodeJS.Timeout | null = null;
  #gone = false;

  constructor(
    input: OrphanInput,
    told: {
      readonly stopping: (stopping: Stopping) => void;
      readonly ended: (report: ExitReport) => void;
      readonly failed: (error: unknown) => void;
    },
  ) {
    this.start = input.start;
    const tree = treeOf(input.start, input.stateId);
    this.#watch = new AttemptWatch({
      tree,
      nets: input.nets,
      outputs: input.outputs,
      startedMono: input.start.mono,
      begun: input.stopping,
      leafCpuBefore: input.start.leafCpuMs,
      punch: punchBy(spawn),
      onStopping: told.stopping,
    });
    const look = (): void => {
      if (firstRuns(tree)) {
        this.#timer = setTimeout(look, IDENTITY_MS);
      } else {
        this.#ends(told.ended).catch(told.failed);
      }
    };
    this.#timer = setTimeout(look, IDENTITY_MS);
  }

  /** Begins a stop, or hastens the one under way. */
  stop(steps: readonly Step[], reason: Cause): 'stopping' | 'already' | 'gone' {
    return this.#gone ? 'gone' : this.#watch.stop(steps, reason);
  }

  /** What it uses now. */
  usage(): Usage {
    return this.#watch.usage();
  }

  /** Lets go; the attempt itself lives on. */
  dispose(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#watch.dispose();
  }

  async #ends(tell: (report: ExitReport) => void): Promise<void> {
    this.#gone = true;
    const durationMs = Math.round(monotonicMs() - this.start.mono);
    const remains = await this.#watch.finish();
    const { leaf } = this.start;
    const counters = leaf === null ? null : countersOf(leaf);
    if (leaf !== null) {
      removeLeaf(leaf);
    }
    tell(orphanReport({ start: this.start, durationMs, counters }, remains, this.#watch.stopping));
  }
}

/** A watch that carries out a stop and nothing else: the attempt's keeper lives, but does not understand us. */
export function stopForeign(
  start: StartEntry,
  stateId: string,
  onStopping: (stopping: Stopping) => void,
): AttemptWatch {
  return new AttemptWatch({
    tree: treeOf(start, stateId),
    nets: null,
    outputs: [],
    startedMono: start.mono,
    begun: null,
    leafCpuBefore: start.leafCpuMs,
    punch: () => Promise.resolve(true),
    onStopping,
  });
}

/** What the journal would say of the start of process `pid`, read from the process itself; null when it is gone. */
export function startFromProcess(id: string, pid: number): StartEntry | null {
  const stat = readStat(pid);
  if (stat === null) {
    return null;
  }
  const leaf = leafOf(pid);
  const age = ageMs(stat.startTicks);
  // The leaf may have been used before: what its first process has used itself is a floor, what came before it unknown.
  const leafCpuMs = Math.max(0, leafCpuNow(leaf) - ticksToMs(stat.cpuTicks + stat.childCpuTicks));
  return {
    k: 'start',
    id,
    pid,
    ticks: stat.startTicks,
    at: Math.round(Date.now() - age),
    mono: monotonicMs() - age,
    leaf,
    leafCpuMs,
    held: heldBySampling(leaf === null ? 'marker' : 'cgroup'),
  };
}

/** The tree that `start` began. */
export function treeOf({ id, pid, ticks, leaf }: StartEntry, stateId: string): Tree {
  return { pid, startTicks: ticks, marker: { attempt: id, stateId }, leaf };
}
