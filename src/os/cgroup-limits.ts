// Lets the kernel hold limits below our own cgroup: turns controllers on, writes the limits of a leaf and reads them back.

import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readSmall } from './read-small.ts';

/** What holds a limit of ours. */
export type Controller = 'memory' | 'cpu' | 'pids';

/** Limits of one attempt that a kernel can hold; null: not limited. */
export interface LeafLimits {
  readonly memoryBytes: number | null;
  /** Above it the kernel slows down; absent: nowhere. */
  readonly memoryHighBytes?: number | null;
  readonly pids: number | null;
  /** 100 is one processor. */
  readonly cpuQuotaPercent: number | null;
}

/** What the kernel counted of one attempt. */
export interface LeafCounters {
  readonly oomKills: number;
  /** Out of memory below the attempt's own limit. */
  readonly ownLimitHits: number;
  readonly pidsRefused: number;
  /** How often it was at its memory limit; absent: a keeper of an older version did not look. */
  readonly atLimit?: number;
  /** For how long its share of a processor was used up; absent: as above. */
  readonly throttledMs?: number;
}

const WANTED: readonly Controller[] = ['memory', 'cpu', 'pids'];
/** Where daemon and keeper sit once controllers are on: a group with controllers for others may hold no process itself. */
const SUPERVISOR = 'adf-supervisor';
const QUOTA_PERIOD_US = 100_000;
/** While ours are moved aside they may have started something: looked at again this often. */
const MOVE_ROUNDS = 4;
/** The kernel rounds a limit down to whole pages, the largest of which are this long. */
const PAGE_BYTES = 64 * 1024;

/** The group that `own`, the group of daemon or keeper, was before they moved below it. */
export function groupAbove(own: string): string {
  return basename(own) === SUPERVISOR ? dirname(own) : own;
}

/** Controllers that can hold limits of groups in `folder`; empty where there are none, or no such folder. */
export function controllersOf(folder: string): ReadonlySet<string> {
  return words(join(folder, 'cgroup.controllers'));
}

/** Those of our controllers that hold limits of groups below `folder` now; none where no group can be made there any more. */
export function controllersBelow(folder: string): ReadonlySet<Controller> {
  const on = words(join(folder, 'cgroup.subtree_control'));
  return new Set(isWritable(folder) ? WANTED.filter((name) => on.has(name)) : []);
}

/**
 * Turns on, for groups below `place`, what it has of our controllers; answers what is on. `isOurs`: a process that may be
 * moved out of its way. Nothing is done where anybody else sits in it (a login, another service), nor in a service that
 * holds more than the asker: its manager could start no main process there again (219/CGROUP, systemd #24064).
 */
export function openGroup(place: string, isOurs: (pid: number) => boolean): ReadonlySet<Controller> {
  const there = controllersOf(place);
  const wanted = WANTED.filter((name) => there.has(name));
  const on = controllersBelow(place);
  return wanted.every((name) => on.has(name)) || !isEmptied(place, isOurs) ? on : turnOn(place, wanted);
}

/** Turns each of `wanted` on for groups below `folder`, in which nobody sits; answers what is on then. */
export function turnOn(folder: string, wanted: Iterable<Controller>): ReadonlySet<Controller> {
  const names = [...wanted];
  for (const name of names) {
    isWritten(join(folder, 'cgroup.subtree_control'), `+${name}`);
  }
  const on = controllersBelow(folder);
  return new Set(names.filter((name) => on.has(name)));
}

/** Writes `limits` into the empty `leaf` as far as its controllers are `on`. Throws where one does not read back as written. */
export function limitLeaf(leaf: string, limits: LeafLimits, on: ReadonlySet<Controller>): void {
  for (const [file, text] of filesOf(limits, on)) {
    const path = join(leaf, file);
    // Without swap in the kernel there is no such file, and nothing to forbid.
    if (file === 'memory.swap.max' && readSmall(path) === null) {
      continue;
    }
    writeFileSync(path, text);
    const found = readSmall(path)?.trim();
    if (found !== text) {
      throw new Error(`${path} reads "${found ?? ''}" after "${text}" was written`);
    }
  }
}

/** What the kernel counted of everything that ran in `leaf`; null: it has no memory controller. */
export function countersOf(leaf: string): LeafCounters | null {
  const kills = counter(join(leaf, 'memory.events'), 'oom_kill');
  return kills === null
    ? null
    : {
        oomKills: kills,
        ownLimitHits: counter(join(leaf, 'memory.events'), 'oom') ?? 0,
        pidsRefused: counter(join(leaf, 'pids.events'), 'max') ?? 0,
        atLimit: counter(join(leaf, 'memory.events'), 'max') ?? 0,
        throttledMs: Math.round((counter(join(leaf, 'cpu.stat'), 'throttled_usec') ?? 0) / 1000),
      };
}

/** How often memory ran out below the limit of `group` and of each group above it, whoever took it; the nearest first. */
export function oomsFrom(group: string): ReadonlyMap<string, number> {
  const ooms = new Map<string, number>();
  for (let folder = group; ; folder = dirname(folder)) {
    const count = counter(join(folder, 'memory.events.local'), 'oom');
    // The root of the tree has no such file, nor has a folder above it.
    if (count === null) {
      return ooms;
    }
    ooms.set(folder, count);
  }
}

function filesOf(limits: LeafLimits, on: ReadonlySet<Controller>): readonly (readonly [string, string])[] {
  const { memoryBytes, memoryHighBytes: high = null, pids, cpuQuotaPercent } = limits;
  return [
    ...(memoryBytes === null || !on.has('memory')
      ? []
      : ([
          ['memory.max', inPages(memoryBytes)],
          ['memory.swap.max', '0'],
          ['memory.oom.group', '1'],
        ] as const)),
    ...(high === null || !on.has('memory') ? [] : ([['memory.high', inPages(high)]] as const)),
    ...(pids === null || !on.has('pids') ? [] : ([['pids.max', String(pids)]] as const)),
    ...(cpuQuotaPercent === null || !on.has('cpu')
      ? []
      : ([['cpu.max', `${(cpuQuotaPercent * QUOTA_PERIOD_US) / 100} ${QUOTA_PERIOD_US}`]] as const)),
  ];
}

function inPages(bytes: number): string {
  return String(Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES);
}

/** Whether nobody sits in `place`, after ours have been moved below it. */
function isEmptied(place: string, isOurs: (pid: number) => boolean): boolean {
  const isService = basename(place).endsWith('.service');
  const mayMove = (pid: number): boolean => (isService ? pid === process.pid : isOurs(pid));
  for (let round = 0; round < MOVE_ROUNDS; round += 1) {
    const pids = [...words(join(place, 'cgroup.procs'))].map(Number);
    if (pids.length === 0 || !pids.every(mayMove) || !isMade(join(place, SUPERVISOR))) {
      return pids.length === 0;
    }
    // Who has ended meanwhile cannot be moved, and need not be.
    pids.forEach((pid) => isWritten(join(place, SUPERVISOR, 'cgroup.procs'), String(pid)));
  }
  return false;
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    // Not ours to change.
    return false;
  }
}

/** Whether we may write what is at `path`, by rights and by how it is mounted. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function words(path: string): ReadonlySet<string> {
  return new Set((readSmall(path) ?? '').split(/\s+/).filter(Boolean));
}

function counter(path: string, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(readSmall(path) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

function isWritten(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}
