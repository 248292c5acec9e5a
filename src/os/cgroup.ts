// Makes cgroup v2 leaves: a leaf knows every process that was born in it, counts their time, and ends them in one write.

import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { groupAbove, isWritable, limitLeaf, oomsFrom, openGroup, turnOn } from './cgroup-limits.ts';
import type { Controller, LeafLimits } from './cgroup-limits.ts';
import { readStat } from './proc.ts';
import { readSmall } from './read-small.ts';

/** Idle leaves kept for the next start: making and removing one costs as much as a fifth of a spawn. */
const IDLE_LEAVES_MAX = 16;

/** A program that the daemon runs is one of its children, or not many generations below. */
const GENERATIONS_MAX = 8;

/** Folders of keepers in the cgroup tree begin with this; leaves lie directly in them. */
const POOL_PREFIX = 'adf-';

/** The folder below which we may make leaves: our own cgroup in the v2 mount; null when there is none or it is not ours. */
function leafPlace(): string | null {
  const own = cgroupOf('self');
  const place = own === null ? null : groupAbove(own);
  return place !== null && isWritable(place) && isWritable(join(place, 'cgroup.procs')) ? place : null;
}

/** The leaf in which the process `pid` was started; null when it was started without one. */
export function leafOf(pid: number): string | null {
  const path = cgroupOf(String(pid));
  const match = path === null ? null : new RegExp(`^.*/${POOL_PREFIX}[^/]+/l\\d+`).exec(path);
  return match?.[0] ?? null;
}

/** Where the v2 tree is mounted; null where it is not. */
export function cgroupMount(): string | null {
  return /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(readText('/proc/self/mountinfo'))?.[1] ?? null;
}

/** Memory that the kernel charges to `leaf` now and at most so far; null without the controller. The peak needs kernel 5.19. */
export function leafMemory(leaf: string): { readonly nowBytes: number; readonly peakBytes: number } | null {
  const now = readText(join(leaf, 'memory.current'));
  return now === '' ? null : { nowBytes: Number(now), peakBytes: Number(readText(join(leaf, 'memory.peak'))) };
}

/** Where `process` (a pid or `self`) sits in the v2 mount. */
function cgroupOf(process: string): string | null {
  const mount = cgroupMount();
  const path = /^0::(.*)$/m.exec(readText(`/proc/${process}/cgroup`))?.[1];
  return mount === null || path === undefined ? null : join(mount, path);
}

/** Whether any process, frozen or not, is in `leaf` or below it. */
export function isPopulated(leaf: string): boolean {
  return /^populated 1$/m.test(readText(join(leaf, 'cgroup.events')));
}

/** Processor milliseconds of everything that ever ran in `leaf`. */
export function leafCpuMs(leaf: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(readText(join(leaf, 'cpu.stat')))?.[1] ?? 0) / 1000;
}

/** Processes in `leaf` and in groups that they made below it. */
export function leafPids(leaf: string): number[] {
  const own = readText(join(leaf, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...nested(leaf).flatMap((folder) => leafPids(folder))];
}

/** Ends everything in `leaf`; false when the kernel has no cgroup.kill (before 5.14) or the leaf is gone. */
export function killLeaf(leaf: string): boolean {
  try {
    writeFileSync(join(leaf, 'cgroup.kill'), '1');
    return true;
  } catch {
    return false;
  }
}

/** Removes `leaf` and what was made below it; false while anything lives there. */
export function removeLeaf(leaf: string): boolean {
  try {
    nested(leaf).forEach((folder) => removeLeaf(folder));
    rmdirSync(leaf);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Removes what the pool of a dead keeper left, as far as nothing lives there; `leaf` is one of its leaves, if known. */
export function removePool(id: string, leaf: string | null): void {
  const folder = leaf === null ? join(leafPlace() ?? '/nowhere', `${POOL_PREFIX}${id}`) : dirname(leaf);
  removeLeaf(folder);
}

/** Hands out empty leaves below one folder and takes them back. */
export class LeafPool {
  readonly #folder: string;
  readonly #idle: string[] = [];
  #controllers: ReadonlySet<Controller> = new Set();
  #made = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** A pool of the keeper `id` below our own cgroup; null where no leaf can be made or killed as a whole. */
  static make(id: string): LeafPool | null {
    const place = leafPlace();
    if (place === null) {
      return null;
    }
    const pool = new LeafPool(join(place, `${POOL_PREFIX}${id}`));
    try {
      mkdirSync(pool.#folder, { recursive: true });
      pool.#controllers = turnOn(pool.#folder, openGroup(place, isOurs));
      const leaf = pool.take();
      accessSync(join(leaf, 'cgroup.kill'), constants.W_OK);
      pool.giveBack(leaf);
      return pool;
    } catch {
      // No right to make one, a kernel without cgroup.kill, a threaded parent: all mean "sweep by marker instead".
      pool.remove();
      return null;
    }
  }

  /** What the kernel holds of the limits of a leaf. */
  get controllers(): ReadonlySet<Controller> {
    return this.#controllers;
  }

  /** The group of all leaves. */
  get folder(): string {
    return this.#folder;
  }

  /** How often memory ran out below the limits of all groups in which attempts are together, the nearest first. */
  sharedOoms(): ReadonlyMap<string, number> {
    return oomsFrom(this.#folder);
  }

  /** An empty leaf that holds `limits`. Throws where the kernel does not take them. */
  takeFor(limits: LeafLimits): string {
    const leaf = this.take();
    try {
      limitLeaf(leaf, limits, this.#controllers);
    } catch (error) {
      removeLeaf(leaf);
      throw error;
    }
    return leaf;
  }

  /** An empty leaf; its processor time goes on from what earlier attempts used. */
  take(): string {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }
    this.#made += 1;
    const leaf = join(this.#folder, `l${this.#made}`);
    mkdirSync(leaf);
    return leaf;
  }

  /** Takes back a leaf whose tree has ended. One that is not clean is given up rather than used again. */
  giveBack(leaf: string): void {
    // With controllers a leaf keeps the peak and the limits of whoever was in it.
    const reusable =
      this.#controllers.size === 0 &&
      this.#idle.length < IDLE_LEAVES_MAX &&
      nested(leaf).length === 0 &&
      !isPopulated(leaf);
    if (reusable) {
      this.#idle.push(leaf);
    } else {
      removeLeaf(leaf);
    }
  }

  /** Removes the folder, as far as nothing lives below it. */
  remove(): void {
    removeLeaf(this.#folder);
  }
}

/** Groups directly below `leaf`. A folder's link count is 2 plus its folders, which spares us a listing nearly always. */
function nested(leaf: string): string[] {
  const links = statSync(leaf, { throwIfNoEntry: false })?.nlink ?? 2;
  if (links <= 2) {
    return [];
  }
  return readdirSync(leaf, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(leaf, entry.name));
}

/** Who may be moved out of the way: this keeper, the daemon that started it with what that runs, and the init of a container. */
function isOurs(pid: number): boolean {
  let ancestor = pid;
  for (let generation = 0; generation < GENERATIONS_MAX && ancestor > 1; generation += 1) {
    if (ancestor === process.pid || ancestor === process.ppid) {
      return true;
    }
    ancestor = readStat(ancestor)?.parent ?? 0;
  }
  return pid === 1;
}

/** Empty when the group, or the process, is gone: it holds nothing any more. */
function readText(path: string): string {
  return readSmall(path) ?? '';
}
