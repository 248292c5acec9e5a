// Finds, signals and ends all processes of one attempt, also those that left its group or its session.

import { setTimeout as delay } from 'node:timers/promises';
import { BUBBLEWRAP } from './bubblewrap.ts';
import { isPopulated, killLeaf, leafPids } from './cgroup.ts';
import { nextProcessTable, processTable, type Marker, type TableEntry } from './proc-table.ts';
import { readName, readStat, runs, type ProcStat } from './proc.ts';

/** What makes a process part of an attempt. */
export interface Tree {
  /** The first process: leader of its own session and group. */
  readonly pid: number;
  readonly startTicks: number;
  /** As it stands in the environment of its processes. */
  readonly marker: Marker;
  /** The attempt's private cgroup; null where none can be made. */
  readonly leaf: string | null;
}

/** Rounds of killing before a tree is given up as not killable (a process in uninterruptible sleep), and their pause. */
const KILL_ROUNDS = 400;
const KILL_PAUSE_MS = 5;

/** Living processes of `tree`. Without a leaf, as of `maxAgeMs` ago: by session, group, marker, and descent from these. */
export function members(tree: Tree, maxAgeMs = 0): number[] {
  return tree.leaf === null ? sweep(tree, processTable(maxAgeMs)) : leafPids(tree.leaf);
}

/** Whether nothing of `tree` is alive; dear without a leaf, because all of /proc is read. */
export function isEmpty(tree: Tree): boolean {
  return tree.leaf === null ? sweep(tree, processTable(0)).length === 0 : !isPopulated(tree.leaf);
}

/** The same for one of many trees that end: without a leaf they share a look. */
export async function hasEmptied(tree: Tree): Promise<boolean> {
  return tree.leaf === null ? sweep(tree, await nextProcessTable()).length === 0 : !isPopulated(tree.leaf);
}

/** Asks the attempt's process group, as a terminal would; a stopped process is continued so that it can answer. */
export function ask(tree: Tree, signal: 'SIGINT' | 'SIGTERM'): void {
  for (const target of readName(tree.pid) === BUBBLEWRAP ? caged(tree) : [-tree.pid]) {
    send(target, signal);
    send(target, 'SIGCONT');
  }
}

/** The group without the monitor of a sandbox: it would die of the signal, and take everybody's exit code along. */
function caged(tree: Tree): number[] {
  return members(tree).filter((pid) => readStat(pid)?.group === tree.pid && readName(pid) !== BUBBLEWRAP);
}

/** Kills until nothing is left; false when something could not be killed in about 2 s. */
export async function killTree(tree: Tree): Promise<boolean> {
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    killOnce(tree);
    // The wrapper joins its leaf a moment after its birth: an empty leaf says nothing while the first process lives.
    if (isEmpty(tree) && !firstRuns(tree)) {
      return true;
    }
    await delay(KILL_PAUSE_MS);
  }
  return isEmpty(tree);
}

/** Whether the attempt's first process is alive. */
export function firstRuns(tree: Tree): boolean {
  const stat = readStat(tree.pid);
  return runs(stat) && stat.startTicks === tree.startTicks;
}

/** One blow at everything that can be seen now. */
export function killOnce(tree: Tree): void {
  if (firstRuns(tree)) {
    send(-tree.pid, 'SIGKILL');
  }
  if (tree.leaf === null || !killLeaf(tree.leaf)) {
    members(tree).forEach((pid) => send(pid, 'SIGKILL'));
  }
}

/** A marked process: the attempt that it belongs to, and what is known of it. */
export interface Marked {
  readonly attempt: string;
  readonly stat: ProcStat;
}

/** All living processes that carry the marker of the state directory `stateId`. */
export function findMarked(stateId: string): Marked[] {
  return processTable(0).flatMap(({ stat, marker }) =>
    marker?.stateId === stateId ? [{ attempt: marker.attempt, stat }] : [],
  );
}

function sweep({ pid, startTicks, marker }: Tree, table: readonly TableEntry[]): number[] {
  const younger = table.filter(({ stat }) => stat.startTicks >= startTicks);
  const first = younger.find(({ stat }) => stat.pid === pid);
  // Session and group keep the first process's number after its death, and nobody gets it while one of them is left.
  const isOurNumber = first === undefined || first.stat.startTicks === startTicks;
  const belongs = ({ stat, marker: found }: TableEntry) =>
    (isOurNumber && (stat.session === pid || stat.group === pid)) ||
    (found?.attempt === marker.attempt && found.stateId === marker.stateId);
  const found = new Set(younger.filter(belongs).map(({ stat }) => stat.pid));
  addDescendants(younger, found);
  return [...found];
}

/** Adds children of what is found until nothing new appears; each round adds one, so their number is the limit. */
function addDescendants(alive: readonly TableEntry[], found: Set<number>): void {
  for (let grown = found.size > 0; grown;) {
    const before = found.size;
    alive.filter(({ stat }) => found.has(stat.parent)).forEach(({ stat }) => found.add(stat.pid));
    grown = found.size > before;
  }
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // ESRCH: it is gone, which is what we want. EPERM: it changed its user; the leaf, where there is one, reaches it.
  }
}
