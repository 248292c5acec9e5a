// Measures memory and processor time of a whole tree by looking, as cheaply as the answer allows.

import { leafCpuMs, leafMemory } from './cgroup.ts';
import { proportionalBytes, readStat, residentBytes, runs, ticksToMs, type ProcStat } from './proc.ts';
import { members, type Tree } from './tree.ts';

/** What a tree uses now; `memoryBytes` is shared memory counted once (PSS) where that was worth reading, else RSS. */
export interface Usage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
  readonly processes: number;
}

/** PSS makes the kernel walk all page tables, so it is read only when the cheap RSS has grown by this much. */
const WORTH_READING_GROWTH = 1.05;

/** Without a leaf all trees share one look at the machine's processes, which may be this old. */
const TABLE_AGE_MS = 400;

/** Follows one tree from look to look. */
export class TreeUsage {
  readonly #tree: Tree;
  /** What the reused leaf had counted before this attempt. */
  readonly #leafCpuBefore: number;
  readonly #lastSeen = new Map<number, ProcStat>();
  /** Time of processes that ended without a parent in the tree that would count it. */
  #orphanTicks = 0;
  #residentAtReading = 0;
  #last: Usage = { cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0, processes: 0 };

  constructor(tree: Tree, leafCpuBefore: number) {
    this.#tree = tree;
    this.#leafCpuBefore = leafCpuBefore;
  }

  /** Looks now; memory is read exactly once its cheap upper bound is over `exactAboveBytes`. */
  look(exactAboveBytes: number): Usage {
    const pids = members(this.#tree, TABLE_AGE_MS);
    const charged = this.#tree.leaf === null ? null : leafMemory(this.#tree.leaf);
    if (this.#tree.leaf !== null && charged !== null) {
      const peakMemoryBytes = Math.max(charged.nowBytes, charged.peakBytes, this.#last.peakMemoryBytes);
      const cpuMs = this.#countedCpuMs(this.#tree.leaf);
      this.#last = { cpuMs, memoryBytes: charged.nowBytes, peakMemoryBytes, processes: pids.length };
      return this.#last;
    }
    const resident = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    const exact = resident > exactAboveBytes || resident > this.#residentAtReading * WORTH_READING_GROWTH;
    let memoryBytes = Math.min(resident, this.#last.memoryBytes);
    if (exact) {
      memoryBytes = pids.reduce((sum, pid) => sum + (proportionalBytes(pid) ?? residentBytes(pid)), 0);
      this.#residentAtReading = resident;
    }
    this.#last = {
      cpuMs: this.#tree.leaf === null ? this.#summedCpuMs(pids) : this.#countedCpuMs(this.#tree.leaf),
      memoryBytes,
      peakMemoryBytes: Math.max(memoryBytes, this.#last.peakMemoryBytes),
      processes: pids.length,
    };
    return this.#last;
  }

  /** Processor time when nothing of the tree is left: the kernel's count, or the last sum. */
  finalCpuMs(): number {
    return this.#tree.leaf === null ? this.#last.cpuMs : this.#countedCpuMs(this.#tree.leaf);
  }

  /** The most memory at once when nothing of the tree is left: the kernel's mark, or the highest that was seen. */
  finalPeakBytes(): number {
    const charged = this.#tree.leaf === null ? null : leafMemory(this.#tree.leaf);
    return Math.max(charged?.peakBytes ?? 0, this.#last.peakMemoryBytes);
  }

  #countedCpuMs(leaf: string): number {
    return Math.max(this.#last.cpuMs, leafCpuMs(leaf) - this.#leafCpuBefore);
  }

  #summedCpuMs(pids: readonly number[]): number {
    const now = new Map(pids.map((pid) => [pid, readStat(pid)] as const).filter(hasStat));
    for (const [pid, stat] of this.#lastSeen) {
      const ended = now.get(pid)?.startTicks !== stat.startTicks;
      // A parent that is still there has waited for it, and its time stands in the parent's count.
      if (ended && !now.has(stat.parent)) {
        this.#orphanTicks += stat.cpuTicks + stat.childCpuTicks;
      }
    }
    this.#lastSeen.clear();
    let ticks = this.#orphanTicks;
    for (const [pid, stat] of now) {
      this.#lastSeen.set(pid, stat);
      ticks += stat.cpuTicks + stat.childCpuTicks;
    }
    return Math.max(this.#last.cpuMs, ticksToMs(ticks));
  }
}

function hasStat(entry: readonly [number, ProcStat | null]): entry is readonly [number, ProcStat] {
  return runs(entry[1]);
}
