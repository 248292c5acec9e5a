// What keeper and daemon say to each other: JSON lines over a Unix socket, one object a line, named by `t`.
//
//   daemon: hello ──► keeper: welcome (or refused, and the line is closed); every hello also ends all older lines, so that
//   after a welcome nothing that a dead daemon asked for can still happen.
//   start ──► an entry `start` (or `no`)       stop, usage ──► `re`       forget, end: no answer       ──► entries as they become durable

import type { Socket } from 'node:net';
import type { Cause, Nets, Step, Stopping } from './attempt-watch.ts';
import type { Controller, LeafCounters, LeafLimits } from './cgroup-limits.ts';
import type { Usage } from './tree-usage.ts';

/** Ended attempts remembered, so that a late second start is answered `ended`: far more than can be asked about at once. */
export const ENDED_MAX = 20_000;

/** Raised when a message or entry changes so that the other side could misread it. */
export const PROTOCOL = 1;

/** How the limits of an attempt are held. */
export interface HeldBy {
  readonly memory: 'kernel' | 'sampled' | 'none';
  readonly cpu: 'kernel' | 'counted' | 'sampled' | 'none';
  readonly pids: 'kernel' | 'sampled' | 'none';
  readonly cpuQuota: 'kernel' | 'sampled' | 'none';
  readonly tree: 'cgroup' | 'marker';
}

/** What can be had without controllers. */
export function heldBySampling(tree: HeldBy['tree']): HeldBy {
  return { memory: 'sampled', cpu: tree === 'cgroup' ? 'counted' : 'sampled', pids: 'none', cpuQuota: 'none', tree };
}

/** What can be had in a leaf with these controllers. No kernel ends a tree for its processor time: it counts, and we look. */
export function heldInLeaf(controllers: ReadonlySet<Controller>): HeldBy {
  return {
    memory: controllers.has('memory') ? 'kernel' : 'sampled',
    cpu: 'counted',
    pids: controllers.has('pids') ? 'kernel' : 'none',
    cpuQuota: controllers.has('cpu') ? 'kernel' : 'none',
    tree: 'cgroup',
  };
}

/** One start, complete. */
export interface StartOrder {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string | null;
  readonly out: string;
  readonly err: string | null;
  readonly flags: readonly string[];
  readonly nets: Nets;
  /** Limits for the kernel; absent: a daemon of an older version asks, and everything is held by sampling. */
  readonly limits?: LeafLimits;
}

/** Entry of the journal: this process was started. `mono` is the clock of this boot. */
export interface StartEntry {
  readonly k: 'start';
  readonly id: string;
  readonly pid: number;
  readonly ticks: number;
  readonly at: number;
  readonly mono: number;
  readonly leaf: string | null;
  /** What the reused leaf had counted before. */
  readonly leafCpuMs: number;
  readonly held: HeldBy;
}

/** Entry of the journal: a stop was begun. */
export interface StoppingEntry extends Stopping {
  readonly k: 'stopping';
  readonly id: string;
}

/** What the kernel counted of an attempt, and of all together while it lived. */
export interface KernelCounts extends LeafCounters {
  readonly sharedLimitHits: number;
  /** Folder of the nearest group whose limit that was; absent: none, or a keeper of an older version. */
  readonly sharedLimit?: string;
}

/** Entry of the journal: the first process has ended and its tree is empty. */
export interface ExitEntry {
  readonly k: 'exit';
  readonly id: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly startedAt: number;
  readonly at: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peak: number | null;
  readonly written: number;
  readonly cut: number;
  readonly survivors: number;
  readonly stop: { readonly reason: Cause; readonly at: number } | null;
  readonly held: HeldBy;
  /** Absent or null: no kernel counted. */
  readonly kernel?: KernelCounts | null;
  /** The wrapper's proof that the program never ran. */
  readonly unstarted: { readonly cause: StartRefusal; readonly message: string } | null;
}

/** An entry of the journal. */
export type Entry = StartEntry | StoppingEntry | ExitEntry;

/** Why nothing was started. */
export type StartRefusal = 'program' | 'directory' | 'limits' | 'host';

/** Said by the daemon. */
export type DaemonSays =
  | { readonly t: 'hello'; readonly speaks: readonly number[]; readonly version: string }
  | { readonly t: 'start'; readonly order: StartOrder }
  | {
      readonly t: 'stop';
      readonly n: number;
      readonly id: string;
      readonly steps: readonly Step[];
      readonly reason: Cause;
    }
  | { readonly t: 'usage'; readonly n: number }
  | { readonly t: 'forget'; readonly offset: number }
  | { readonly t: 'end' };

/** The keeper's answer to a start that was not, or not now, carried out. */
export type StartNo =
  | { readonly kind: 'already'; readonly start: StartEntry }
  | { readonly kind: 'ended' }
  | { readonly kind: 'paused'; readonly flag: string }
  | { readonly kind: 'unstarted'; readonly cause: StartRefusal; readonly message: string }
  /** This keeper takes no new attempts any more: ask another. */
  | { readonly kind: 'ending' };

/** Said by the keeper. */
export type KeeperSays =
  | {
      readonly t: 'welcome';
      readonly protocol: number;
      readonly version: string;
      /** Attempts alive. What is durable of them can be read in the journal, the rest is told when it is. */
      readonly live: readonly string[];
      readonly held: HeldBy;
      /** The group whose controllers hold limits of the groups below it; absent or null: none does. */
      readonly group?: string | null;
    }
  | {
      readonly t: 'refused';
      readonly protocol: number;
      readonly version: string;
      /** As in the welcome; a keeper of an older version does not say it. */
      readonly live?: readonly string[];
    }
  | { readonly t: 'entry'; readonly offset: number; readonly entry: Entry }
  | { readonly t: 'no'; readonly id: string; readonly no: StartNo }
  | { readonly t: 're'; readonly n: number; readonly stop: 'stopping' | 'already' | 'gone' }
  | { readonly t: 're'; readonly n: number; readonly usage: Readonly<Record<string, Usage>> };

/** What stands in a keeper's lock file. */
export interface KeeperLock {
  readonly id: string;
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly protocol: number;
  readonly version: string;
  readonly socket: string;
}

/** A longer line cannot be ours: the largest start carries one argv and one environment, which the kernel limits to 2 MiB. */
const LINE_CHARS_MAX = 16 * 1024 * 1024;

/** Calls `take` with each line of `socket`; a line that is too long ends the connection. */
export function readLines(socket: Socket, take: (line: string) => void): void {
  let pieces: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let from = 0;
    for (let at = chunk.indexOf('\n'); at >= 0 && !socket.destroyed; at = chunk.indexOf('\n', from)) {
      pieces.push(chunk.slice(from, at));
      from = at + 1;
      take(pieces.length === 1 ? (pieces[0] ?? '') : pieces.join(''));
      pieces = [];
      length = 0;
    }
    pieces.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > LINE_CHARS_MAX) {
      socket.destroy(new Error(`a line of more than ${LINE_CHARS_MAX} characters`));
    }
  });
}

/** Writes one message. */
export function say(socket: Socket, message: DaemonSays | KeeperSays): void {
  if (!socket.destroyed) {
    socket.write(`${JSON.stringify(message)}\n`);
  }
}
