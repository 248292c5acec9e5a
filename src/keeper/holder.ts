// Holds attempts: each is started at most once, watched, stopped when told or over a limit, and its end recorded.

import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { addBounded } from '../lib/bounded-set.ts';
import { AttemptWatch, leafCpuNow, type Cause, type Step } from '../os/attempt-watch.ts';
import { countersOf, type LeafLimits } from '../os/cgroup-limits.ts';
import { LeafPool } from '../os/cgroup.ts';
import { JournalWriter, type JournalEntry } from '../os/journal.ts';
import { monotonicMs } from '../os/monotonic.ts';
import { punchBy } from '../os/output-file.ts';
import { readStat } from '../os/proc.ts';
import { bootId } from '../os/process-identity.ts';
import { readProof } from '../os/start-wrapper.ts';
import type { Usage } from '../os/tree-usage.ts';
import {
  ENDED_MAX,
  heldBySampling,
  heldInLeaf,
  type ExitEntry,
  type HeldBy,
  type KernelCounts,
  type StartEntry,
  type StartNo,
  type StartOrder,
  type StoppingEntry,
} from '../os/wire.ts';
import { spawnAttempt } from './spawn.ts';

/** The journal is rewritten when at least this much of it may be forgotten. */
const CUT_BYTES = 256 * 1024;

interface Held {
  readonly order: StartOrder;
  readonly start: StartEntry;
  readonly watch: AttemptWatch;
  /** As the groups above counted them at the start. */
  readonly sharedOoms: ReadonlyMap<string, number>;
  stopping: StoppingEntry | null;
}

/** What a holder is made with. */
export interface HolderInput {
  readonly folder: string;
  readonly id: string;
  readonly stateId: string;
  readonly leaves: boolean;
  readonly synced: (entry: JournalEntry) => void;
  /** Called when an attempt has ended. */
  readonly changed: () => void;
}

/** Everything one keeper holds, and its journal. */
export class Holder {
  readonly journal: JournalWriter;
  /** False: every new start is refused, because this keeper is about to go. */
  takesMore = true;
  /** How limits are held here. */
  readonly heldBy: HeldBy;
  readonly #input: HolderInput;
  readonly #leaves: LeafPool | null;
  readonly #held = new Map<string, Held>();
  readonly #ended = new Set<string>();
  #forgotten = 0;

  constructor(input: HolderInput) {
    this.#input = input;
    this.#leaves = input.leaves ? LeafPool.make(input.id) : null;
    this.heldBy = this.#leaves === null ? heldBySampling('marker') : heldInLeaf(this.#leaves.controllers);
    const header = { keeper: input.id, bootId: bootId() };
    this.journal = new JournalWriter(join(input.folder, 'journal'), header, input.synced);
  }

  /** The group below which the kernel holds limits; null: it holds none. */
  get group(): string | null {
    return this.#leaves !== null && this.#leaves.controllers.size > 0 ? this.#leaves.folder : null;
  }

  /** Attempts alive now. */
  ids(): string[] {
    return [...this.#held.keys()];
  }

  /** Starts `order` unless it was started before; a success is answered by its journal entry, all else by `refuse`. */
  start(order: StartOrder, refuse: (no: StartNo) => void): void {
    const before = this.#held.get(order.id);
    if (before !== undefined || this.#ended.has(order.id)) {
      refuse(before === undefined ? { kind: 'ended' } : { kind: 'already', start: before.start });
      return;
    }
    if (!this.takesMore) {
      refuse({ kind: 'ending' });
      return;
    }
    if (this.journal.failure !== null) {
      const message = `the keeper cannot write its journal: ${this.journal.failure}`;
      refuse({ kind: 'unstarted', cause: 'host', message });
      return;
    }
    let leaf: string | null;
    try {
      leaf = this.#takeLeaf(order.limits);
    } catch (error) {
      // Better no start than one without the limits that every row says the kernel holds.
      const message = `the kernel does not take the limits of the attempt: ${(error as Error).message}`;
      refuse({ kind: 'unstarted', cause: 'limits', message });
      return;
    }
    const leafCpuMs = leafCpuNow(leaf);
    const proofPath = join(this.#input.folder, `${encodeURIComponent(order.id)}.failed`);
    const child = spawnAttempt(order, { stateId: this.#input.stateId, leaf, proofPath });
    if ('kind' in child) {
      this.#giveBack(leaf);
      refuse(child);
    } else if (child.pid === undefined) {
      child.once('error', (error) => {
        this.#giveBack(leaf);
        refuse({ kind: 'unstarted', cause: 'host', message: error.message });
      });
    } else {
      this.#hold(order, child, { pid: child.pid, leaf, leafCpuMs, proofPath });
    }
  }

  /** Begins a stop, or hastens the one under way. */
  stop(id: string, steps: readonly Step[], reason: Cause): 'stopping' | 'already' | 'gone' {
    return this.#held.get(id)?.watch.stop(steps, reason) ?? 'gone';
  }

  /** What every attempt alive uses now. */
  usage(): Record<string, Usage> {
    return Object.fromEntries([...this.#held].map(([id, { watch }]) => [id, watch.usage()]));
  }

  /** Nobody will ask for what is before `offset`. Rewriting the journal takes milliseconds, so it waits for a heap. */
  forget(offset: number): void {
    this.#forgotten = Math.max(this.#forgotten, offset);
    if (this.#forgotten - this.journal.base >= CUT_BYTES) {
      const held = [...this.#held.values()];
      const carried = held.flatMap(({ start, stopping }) => [start, ...(stopping === null ? [] : [stopping])]);
      this.journal.cut(this.#forgotten, carried);
    }
  }

  /** Whether nobody needs the journal any more. */
  get isForgotten(): boolean {
    return this.#forgotten >= this.journal.end;
  }

  /** Gives the machine back what it lent; call it when nothing is held and the journal is settled. */
  close(): void {
    this.journal.close();
    this.#leaves?.remove();
  }

  #hold(
    order: StartOrder,
    child: ChildProcess,
    born: {
      readonly pid: number;
      readonly leaf: string | null;
      readonly leafCpuMs: number;
      readonly proofPath: string;
    },
  ): void {
    const { pid, leaf, leafCpuMs, proofPath } = born;
    const mono = monotonicMs();
    const ticks = readStat(pid)?.startTicks ?? 0;
    const isHeld = leaf !== null && order.limits !== undefined;
    const held = isHeld ? this.heldBy : heldBySampling(leaf === null ? 'marker' : 'cgroup');
    const where = { pid, ticks, leaf, leafCpuMs, held };
    const start: StartEntry = { k: 'start', id: order.id, at: Date.now(), mono, ...where };
    const watch = new AttemptWatch({
      tree: { pid, startTicks: ticks, marker: { attempt: order.id, stateId: this.#input.stateId }, leaf },
      nets: order.nets,
      outputs: order.err === null ? [order.out] : [order.out, order.err],
      startedMono: mono,
      begun: null,
      leafCpuBefore: leafCpuMs,
      punch: punchBy(spawn),
      onStopping: (stopping) => {
        holding.stopping = { k: 'stopping', id: order.id, ...stopping };
        this.journal.append(holding.stopping);
      },
    });
    const sharedOoms = this.#leaves?.sharedOoms() ?? new Map<string, number>();
    const holding: Held = { order, start, watch, sharedOoms, stopping: null };
    this.#held.set(order.id, holding);
    this.journal.append(start);
    child.once('exit', (code, signal) => void this.#ends(holding, { code, signal, proofPath }));
  }

  async #ends(
    { order, start, watch, sharedOoms }: Held,
    end: { readonly code: number | null; readonly signal: string | null; readonly proofPath: string },
  ): Promise<void> {
    const at = Date.now();
    const ms = Math.round(monotonicMs() - start.mono);
    const remains = await watch.finish();
    const exit: ExitEntry = {
      k: 'exit',
      id: order.id,
      code: end.code,
      signal: end.signal,
      startedAt: start.at,
      at,
      ms,
      cpuMs: Math.round(remains.cpuMs),
      peak: remains.peakMemoryBytes,
      written: remains.writtenBytes,
      cut: remains.cutBytes,
      survivors: remains.survivors,
      stop: watch.stopping === null ? null : { reason: watch.stopping.reason, at: watch.stopping.at },
      held: start.held,
      kernel: this.#countsOf(start.leaf, sharedOoms),
      unstarted: end.code === 126 || end.code === 127 ? readProof(end.proofPath, order.argv[0]) : null,
    };
    this.#held.delete(order.id);
    this.journal.append(exit);
    addBounded(this.#ended, order.id, ENDED_MAX);
    this.#giveBack(start.leaf);
    this.#input.changed();
  }

  #takeLeaf(limits: LeafLimits | undefined): string | null {
    if (this.#leaves !== null && this.group !== null && limits !== undefined) {
      return this.#leaves.takeFor(limits);
    }
    try {
      return this.#leaves?.take() ?? null;
    } catch {
      // The folder was taken from us, or the kernel's limit of groups is reached: the sweep by marker still works.
      return null;
    }
  }

  #countsOf(leaf: string | null, before: ReadonlyMap<string, number>): KernelCounts | null {
    const counters = leaf === null ? null : countersOf(leaf);
    if (counters === null) {
      return null;
    }
    const now = [...(this.#leaves?.sharedOoms() ?? [])];
    const [group, ooms = 0] = now.find(([folder, count]) => count > (before.get(folder) ?? count)) ?? [];
    return group === undefined
      ? { ...counters, sharedLimitHits: 0 }
      : { ...counters, sharedLimitHits: ooms - (before.get(group) ?? ooms), sharedLimit: group };
  }

  #giveBack(leaf: string | null): void {
    if (leaf !== null) {
      this.#leaves?.giveBack(leaf);
    }
  }
}
