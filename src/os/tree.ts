// Finds, signals and ends all processes of one attempt, also those that left its group or its session.

import { setTimeout as delay } from 'node:timers/promises';
import { isPopulated, killLeaf, leafPids } from './cgroup.ts';
import { allPids, readEnviron, readStat, runs, type ProcStat } from './proc.ts';

/** What makes a process part of an attempt. */
export interface Tree {
  /** The first process: leader of its own session and group. */
  readonly pid: number;
  readonly startTicks: number;
  /** `ADF_ATTEMPT=<id>` as it stands in the environment of the attempt's processes. */
  readonly marker: string;
  /** The attempt's private cgroup; null where none can be made. */
  readonly leaf: string | null;
}

/** Rounds of killing before a tree is given up as not killable (a process in uninterruptible sleep), and their pause. */
const KILL_ROUNDS = 400;
const KILL_PAUSE_MS = 5;

/** Name of the variable that marks all processes of an attempt, and of the one that marks those of a state directory. */
export const ATTEMPT_VARIABLE = 'ADF_ATTEMPT';
export const STATE_VARIABLE = 'ADF_STATE';

/** Living processes of `tree`. Without a leaf: by session, group, marker, and descent from any of these. */
export function members(tree: Tree): number[] {
  return tree.leaf === null ? sweep(tree) : leafPids(tree.leaf);
}

/** Whether anything of `tree` is alive; dear without a leaf, because all of /proc is read. */
export function isEmpty(tree: Tree): boolean {
  return tree.leaf === null ? sweep(tree).length === 0 : !isPopulated(tree.leaf);
}

/** Asks the attempt's process group, as a terminal would; a stopped process is continued so that it can answer. */
export function ask(tree: Tree, signal: 'SIGINT' | 'SIGTERM'): void {
  send(-tree.pid, signal);
  send(-tree.pid, 'SIGCONT');
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

/** A marked process found in /proc: the value of its attempt marker and what is known of it. */
export interface Marked {
  readonly attempt: string;
  readonly stat: ProcStat;
}

/** All living processes that carry the marker of the state directory `stateId`. */
export function findMarked(stateId: string): Marked[] {
  const found: Marked[] = [];
  for (const pid of allPids()) {
    const environ = readEnviron(pid);
    const attempt = environ?.find((entry) => entry.startsWith(`${ATTEMPT_VARIABLE}=`));
    const stat = attempt !== undefined && environ?.includes(`${STATE_VARIABLE}=${stateId}`) ? readStat(pid) : null;
    if (attempt !== undefined && runs(stat)) {
      found.push({ attempt: attempt.slice(ATTEMPT_VARIABLE.length + 1), stat });
    }
  }
  return found;
}

function sweep(tree: Tree): number[] {
  const alive = allPids()
    .map((pid) => readStat(pid))
    .filter((stat) => runs(stat) && stat.startTicks >= tree.startTicks) as ProcStat[];
  const found = new Set<number>();
  const belongs = (stat: ProcStat) =>
    stat.session === tree.pid || stat.group === tree.pid || readEnviron(stat.pid)?.includes(tree.marker) === true;
  for (const stat of alive) {
    if (belongs(stat)) {
      found.add(stat.pid);
    }
  }
  addDescendants(alive, found);
  return [...found];
}

/** Adds children of what is found until nothing new appears; each round adds one, so their number is the limit. */
function addDescendants(alive: readonly ProcStat[], found: Set<number>): void {
  for (let grown = found.size > 0; grown;) {
    const before = found.size;
    alive.filter((stat) => found.has(stat.parent)).forEach((stat) => found.add(stat.pid));
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
