// Watches one live attempt: holds its limits by looking, carries out its stop plan, and clears its tree at the end.
//
//   running ── limit crossed, or told to ──► stopping ── plan's steps ──► killed
//      └────────────── first process gone ──────┴──► clearing: short grace, then the rest is killed ──► finished

import { setTimeout as delay } from 'node:timers/promises';
import { leafCpuMs } from './cgroup.ts';
import { HighMark } from './high-mark.ts';
import { LOOK_MS, OUTPUT_LOOK_MS, CLOSE_LOOK_MS, lookPauseMs } from './look-pause.ts';
import { monotonicMs } from './monotonic.ts';
import { OutputFile, type Punch } from './output-file.ts';
import { ask, hasEmptied, killTree, members, type Tree } from './tree.ts';
import { TreeUsage, type Usage } from './tree-usage.ts';

/** One step of a stop plan; steps rise in time and end with `kill`. */
export interface Step {
  readonly afterMs: number;
  readonly action: 'interrupt' | 'terminate' | 'kill';
}

/** Why an attempt is stopped: the caller's own record, or that of a limit we hold. */
export type Cause = { readonly kind: string; readonly [detail: string]: string | number | boolean };

/** A stop under way. `mono` is its beginning on the clock of this boot. */
export interface Stopping {
  readonly reason: Cause;
  readonly steps: readonly Step[];
  readonly at: number;
  readonly mono: number;
}

/** Limits held by looking, and what to do when one is crossed. */
export interface Nets {
  readonly wallMs: number;
  readonly memoryBytes: number | null;
  /** Where the kernel begins to slow it down; absent: nowhere. */
  readonly memoryHighBytes?: number | null;
  readonly cpuMs: number | null;
  readonly outputBytes: number;
  readonly outputBytesPerSecond: number;
  readonly plans: Readonly<Record<'wall' | 'cpu' | 'memory' | 'output', readonly Step[]>>;
}

/** What is known when nothing of the tree is left. */
export interface Remains {
  readonly cpuMs: number;
  readonly peakMemoryBytes: number | null;
  readonly writtenBytes: number;
  readonly cutBytes: number;
  /** Processes that outlived the first one and its grace, and were killed. */
  readonly survivors: number;
}

/** What a watch needs to know. */
export interface WatchInput {
  readonly tree: Tree;
  /** Null: somebody else holds the limits, only stops are carried out here. */
  readonly nets: Nets | null;
  readonly outputs: readonly string[];
  /** Of the start, on the clock of this boot. */
  readonly startedMono: number;
  /** A stop that a dead process had begun. */
  readonly begun: Stopping | null;
  readonly leafCpuBefore: number;
  readonly punch: Punch;
  /** Ends the whole tree; answers whether it is gone. Left out: `killTree`. */
  readonly kill?: () => Promise<boolean>;
  /** Called once, when the first reason to stop is known. */
  readonly onStopping: (stopping: Stopping) => void;
}

/** A write rate counts when it was held this long. */
const RATE_WINDOW_MS = 2000;
const SURVIVOR_GRACE_MS = 500;
const SURVIVOR_LOOK_MS = 25;
/** Timers of Node are 32 bit; a longer wait is made of several. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The watch over one attempt, from its start (or from taking it over) until its tree is empty. */
export class AttemptWatch {
  readonly #input: WatchInput;
  readonly #usage: TreeUsage;
  readonly #outputs: readonly OutputFile[];
  readonly #highMark: HighMark;
  readonly #rates: { readonly at: number; readonly bytes: number }[] = [];
  #stopping: Stopping | null = null;
  #killAtMono = Number.POSITIVE_INFINITY;
  #lookTimer: NodeJS.Timeout | null = null;
  #stepTimer: NodeJS.Timeout | null = null;
  #wallTimer: NodeJS.Timeout | null = null;
  #outputLookedAt = Number.NEGATIVE_INFINITY;
  #flooding = false;
  /** Blows at the whole tree, until the last has landed; null: none was struck. */
  #killing: Promise<void> | null = null;
  #stepDone = -1;
  #over = false;

  constructor(input: WatchInput) {
    this.#input = input;
    this.#usage = new TreeUsage(input.tree, input.leafCpuBefore);
    this.#outputs = input.outputs.map((path) => new OutputFile(path));
    this.#highMark = new HighMark(input.tree.leaf, input.nets?.memoryHighBytes ?? null);
    if (input.begun !== null) {
      this.#begin(input.begun);
    }
    if (input.nets !== null) {
      this.#lookTimer = setTimeout(() => this.#look(), CLOSE_LOOK_MS);
      this.#armWall(input.nets);
    }
  }

  /** The stop under way; null: none. */
  get stopping(): Stopping | null {
    return this.#stopping;
  }

  /** What the tree uses now. */
  usage(): Usage {
    return this.#usage.look(Number.POSITIVE_INFINITY);
  }

  /** Begins a stop. While one is under way, or the end is, only the earlier kill of the new plan is taken. */
  stop(steps: readonly Step[], reason: Cause): 'stopping' | 'already' {
    const mono = monotonicMs();
    if (this.#over) {
      return 'already';
    }
    if (this.#stopping === null) {
      const stopping = { reason, steps, at: Date.now(), mono };
      this.#begin(stopping);
      this.#input.onStopping(stopping);
      return 'stopping';
    }
    const killAt = mono + (steps.at(-1)?.afterMs ?? 0);
    if (killAt < this.#killAtMono) {
      this.#killAtMono = killAt;
      this.#armSteps();
    }
    return 'already';
  }

  /** The first process is gone: gives the rest a short grace, kills it, and says what the attempt used. */
  async finish(): Promise<Remains> {
    this.dispose();
    const { tree } = this.#input;
    let survivors = 0;
    for (let waited = 0; !(await hasEmptied(tree)); waited += SURVIVOR_LOOK_MS) {
      if (waited >= SURVIVOR_GRACE_MS || this.#killing !== null) {
        // While the whole tree is being killed some die a moment later than the first: they did not survive anything.
        survivors = this.#killing === null ? members(tree).length : 0;
        await killTree(tree);
        break;
      }
      await delay(SURVIVOR_LOOK_MS);
    }
    // A blow still under way would meet whoever is given the leaf next.
    await this.#killing;
    for (const file of this.#outputs) {
      // Twice: the first may only wait for a cut that began before the last words were written.
      await file.cutTo(this.#keepBytes(), this.#input.punch);
      await file.cutTo(this.#keepBytes(), this.#input.punch);
    }
    return {
      cpuMs: this.#usage.finalCpuMs(),
      peakMemoryBytes: this.#usage.finalPeakBytes() || null,
      writtenBytes: this.#outputs.reduce((sum, file) => sum + file.writtenBytes(), 0),
      cutBytes: this.#outputs.reduce((sum, file) => sum + file.cutBytes, 0),
      survivors,
    };
  }

  /** Lets go of all timers; the attempt itself is not touched. */
  dispose(): void {
    this.#over = true;
    for (const timer of [this.#lookTimer, this.#stepTimer, this.#wallTimer]) {
      clearTimeout(timer ?? undefined);
    }
  }

  #begin(stopping: Stopping): void {
    this.#stopping = stopping;
    this.#killAtMono = stopping.mono + (stopping.steps.at(-1)?.afterMs ?? 0);
    this.#armSteps();
  }

  /** Carries out the steps that are due and waits for the next; a plan taken over begins with the last one due. */
  #armSteps(): void {
    clearTimeout(this.#stepTimer ?? undefined);
    const { steps = [], mono = 0 } = this.#stopping ?? {};
    const now = monotonicMs();
    if (now >= this.#killAtMono) {
      const kill = this.#input.kill ?? (() => killTree(this.#input.tree));
      this.#killing = Promise.all([kill(), this.#killing]).then(([gone]) => {
        if (!gone && !this.#over) {
          this.#stepTimer = setTimeout(() => this.#armSteps(), LOOK_MS);
        }
      });
      return;
    }
    const due = steps.findLastIndex((step) => mono + step.afterMs <= now);
    const step = steps[due];
    if (due > this.#stepDone && step !== undefined && step.action !== 'kill') {
      this.#stepDone = due;
      ask(this.#input.tree, step.action === 'interrupt' ? 'SIGINT' : 'SIGTERM');
    }
    const next = mono + (steps[due + 1]?.afterMs ?? Number.POSITIVE_INFINITY);
    const wait = Math.ceil(Math.min(next, this.#killAtMono) - now);
    this.#stepTimer = setTimeout(() => this.#armSteps(), Math.min(wait, TIMER_MAX_MS));
  }

  #armWall(nets: Nets): void {
    const left = this.#input.startedMono + nets.wallMs - monotonicMs();
    this.#wallTimer = setTimeout(
      () => {
        if (left > TIMER_MAX_MS) {
          this.#armWall(nets);
        } else {
          this.stop(nets.plans.wall, { kind: 'wall', limitMs: nets.wallMs });
        }
      },
      Math.min(Math.max(0, left), TIMER_MAX_MS),
    );
  }

  #look(): void {
    const { nets } = this.#input;
    if (nets === null || this.#over) {
      return;
    }
    const halfMemory = nets.memoryBytes === null ? Number.POSITIVE_INFINITY : nets.memoryBytes / 2;
    const { memoryBytes, cpuMs } = this.#usage.look(halfMemory);
    if (nets.memoryBytes !== null && memoryBytes > nets.memoryBytes) {
      this.stop(nets.plans.memory, { kind: 'memory', limitBytes: nets.memoryBytes, usedBytes: memoryBytes });
    }
    const stuck = this.#highMark.stuck(monotonicMs(), memoryBytes);
    if (stuck !== null) {
      this.stop(nets.plans.memory, stuck);
    }
    if (nets.cpuMs !== null && cpuMs > nets.cpuMs) {
      this.stop(nets.plans.cpu, { kind: 'cpu', limitMs: nets.cpuMs, usedMs: cpuMs });
    }
    const pauseMs = lookPauseMs({
      ageMs: monotonicMs() - this.#input.startedMono,
      isNearMemory: memoryBytes > halfMemory,
      // Without a leaf each look at the time reads all of /proc: there it stays one a second.
      cpuLeftMs: nets.cpuMs === null || this.#input.tree.leaf === null ? null : nets.cpuMs - cpuMs,
      isFlooding: this.#lookAtOutput(nets),
    });
    this.#lookTimer = setTimeout(() => this.#look(), pauseMs);
  }

  /** Cuts what is too long, stops what writes too fast; true when the next look should come soon. */
  #lookAtOutput(nets: Nets): boolean {
    const now = monotonicMs();
    if (now - this.#outputLookedAt < OUTPUT_LOOK_MS) {
      return this.#flooding;
    }
    this.#outputLookedAt = now;
    const bytes = this.#outputs.reduce((sum, file) => sum + file.writtenBytes(), 0);
    const cut = this.#outputs.reduce((sum, file) => sum + file.cutBytes, 0);
    const rate = this.#writeRate(now, bytes);
    if (rate > nets.outputBytesPerSecond) {
      const reason = { limitBytes: nets.outputBytesPerSecond, usedBytes: rate, perSecond: true };
      this.stop(nets.plans.output, { kind: 'output', ...reason });
    }
    for (const file of this.#outputs) {
      void file.cutTo(this.#keepBytes(), this.#input.punch).then((possible) => {
        if (!possible && !this.#over) {
          this.stop(nets.plans.output, { kind: 'output', limitBytes: nets.outputBytes, usedBytes: bytes });
        }
      });
    }
    this.#flooding = bytes - cut > nets.outputBytes / 2;
    return this.#flooding;
  }

  /** Bytes a second over the last two seconds; 0 while they are not over yet. */
  #writeRate(now: number, bytes: number): number {
    this.#rates.push({ at: now, bytes });
    while ((this.#rates[1]?.at ?? now) <= now - RATE_WINDOW_MS) {
      this.#rates.shift();
    }
    const first = this.#rates[0] ?? { at: now, bytes };
    const windowMs = now - first.at;
    return windowMs < RATE_WINDOW_MS ? 0 : Math.round(((bytes - first.bytes) * 1000) / windowMs);
  }

  #keepBytes(): number {
    const limit = this.#input.nets?.outputBytes ?? Number.POSITIVE_INFINITY;
    return Math.floor(limit / Math.max(1, this.#outputs.length));
  }
}

/** What a reused leaf has counted so far. */
export function leafCpuNow(leaf: string | null): number {
  return leaf === null ? 0 : leafCpuMs(leaf);
}
