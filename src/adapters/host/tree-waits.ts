// Looks at what the processes of an attempt wait for: an input that nobody writes, the network, or nothing that can be seen.

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { arch } from 'node:os';
import type { TreeWaits } from '../../core/supervise/liveness.ts';
import { readName, readStat } from '../../os/proc.ts';
import { readSmall } from '../../os/read-small.ts';
import { members } from '../../os/tree.ts';
import type { Tree } from '../../os/tree.ts';

/** Open files of one process, and threads of it, that are looked at; a CLI has some dozens of each. */
const MAX_FILES = 4096;
const MAX_THREADS = 256;
/** Many that are silent at once share one look at the machine's processes, which may be this old. */
const TABLE_AGE_MS = 1000;
/** Number of the call `read`, by processor. */
const READ_CALL: Readonly<Record<string, string>> = { x64: '0', arm64: '63' };
/** Device numbers of terminals: pseudo terminals, and the one of a session (`/dev/tty`). */
const PTY_MAJORS = { from: 136, to: 143 };
const TTY = 5 * 256;
/** Connections that are open, and those that are being made. */
const CONNECTED = new Set(['01', '02']);
const WRITE_ONLY = 1;
const EPOLLIN = 1;

interface Opened {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** What each file descriptor is. */
  readonly files: ReadonlyMap<number, string>;
}

/** What the processes of `tree` wait for; null: the kernel does not let us see it. */
export function treeWaits(tree: Tree): TreeWaits | null {
  try {
    const all = members(tree, TABLE_AGE_MS).flatMap((pid) => opened(pid) ?? []);
    return { processes: all.length, onInput: onInput(all, tree.pid), connections: connections(all) };
  } catch {
    // Of another user, and we are not root: nothing is known, which nobody is stopped for.
    return null;
  }
}

/** Null: it has ended meanwhile. Throws where it is not ours to look at. */
function opened(pid: number): Opened | null {
  const stat = readStat(pid);
  try {
    const files = readdirSync(`/proc/${pid}/fd`).slice(0, MAX_FILES);
    const links = files.flatMap((fd): [number, string][] => {
      const link = linkOf(`/proc/${pid}/fd/${fd}`);
      return link === null ? [] : [[Number(fd), link]];
    });
    return stat === null ? null : { pid, parent: stat.parent, group: stat.group, files: new Map(links) };
  } catch (error) {
    if (isGone(error)) {
      return null;
    }
    throw error;
  }
}

/**
 * Only processes in the group of the first one: tools that a CLI left in the background have a group of their own. A pipe
 * whose other end an ancestor holds is how a CLI speaks with servers of its own, which wait for it all day.
 */
function onInput(all: readonly Opened[], first: number): TreeWaits['onInput'] {
  const found = all.find((each) => {
    const input = each.group === first ? waitableInput(each.pid) : null;
    return input !== null && reads(each) && !ancestorWrites(all, each, input);
  });
  return found === undefined ? null : { pid: found.pid, name: readName(found.pid) ?? '' };
}

interface Input {
  readonly kind: 'pipe' | 'terminal';
  readonly inode: number;
  readonly device: number;
}

/** A file and /dev/null end; a pipe and a terminal may be waited for. */
function waitableInput(pid: number): Input | null {
  try {
    const stat = statSync(`/proc/${pid}/fd/0`);
    const major = Math.floor(stat.rdev / 256);
    const isTerminal =
      stat.isCharacterDevice() && (stat.rdev === TTY || (major >= PTY_MAJORS.from && major <= PTY_MAJORS.to));
    const place = { inode: stat.ino, device: stat.dev };
    return stat.isFIFO() ? { kind: 'pipe', ...place } : isTerminal ? { kind: 'terminal', ...place } : null;
  } catch (error) {
    if (isGone(error)) {
      return null;
    }
    throw error;
  }
}

/** Whether a thread of it is inside a read of descriptor 0, or waits for it in an epoll set. */
function reads({ pid, files }: Opened): boolean {
  const call = READ_CALL[arch()];
  const threads = list(`/proc/${pid}/task`).slice(0, MAX_THREADS);
  const isReading = threads.some((thread) => {
    const [number, descriptor] = (readSmall(`/proc/${pid}/task/${thread}/syscall`) ?? '').split(' ');
    return number === call && descriptor === '0x0';
  });
  return (
    isReading ||
    [...files].some(([fd, link]) => link === 'anon_inode:[eventpoll]' && awaitsInput(`/proc/${pid}/fdinfo/${fd}`))
  );
}

function awaitsInput(path: string): boolean {
  const events = /^tfd: +0 events: +([0-9a-f]+)/m.exec(readSmall(path) ?? '')?.[1];
  return events !== undefined && Number.parseInt(events.slice(-1), 16) % 2 === EPOLLIN;
}

function ancestorWrites(all: readonly Opened[], of: Opened, input: Input): boolean {
  const byPid = new Map(all.map((each) => [each.pid, each]));
  const seen = new Set<number>();
  for (let up = byPid.get(of.parent); up !== undefined && !seen.has(up.pid); up = byPid.get(up.parent)) {
    seen.add(up.pid);
    const { pid, files } = up;
    const holds = [...files].some(([fd, link]) =>
      input.kind === 'terminal' ? link.endsWith('/ptmx') : isWriteEnd(`${pid}`, fd, input),
    );
    if (holds) {
      return true;
    }
  }
  return false;
}

function isWriteEnd(pid: string, fd: number, input: Input): boolean {
  try {
    const stat = statSync(`/proc/${pid}/fd/${fd}`);
    const flags = /^flags:\s+([0-7]+)/m.exec(readSmall(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1] ?? '0';
    return (
      stat.ino === input.inode && stat.dev === input.device && Number.parseInt(flags.slice(-1), 8) % 4 === WRITE_ONLY
    );
  } catch {
    return false;
  }
}

/** Sockets of the tree among the connections of its network; a sandbox may have one of its own. */
function connections(all: readonly Opened[]): number {
  const sockets = new Set(
    all.flatMap(({ files }) => [...files.values()].flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])),
  );
  if (sockets.size === 0) {
    return 0;
  }
  const networks = new Map(all.map(({ pid }) => [linkOf(`/proc/${pid}/ns/net`), pid]));
  const open = [...networks.values()].flatMap((pid) =>
    ['tcp', 'tcp6'].flatMap((table) => rows(readSmall(`/proc/${pid}/net/${table}`) ?? '')),
  );
  return open.filter(([state, inode]) => CONNECTED.has(state) && sockets.has(inode)).length;
}

/** State and inode of each line: `sl local remote st tx:rx tr:when retransmits uid timeout inode …`. */
function rows(table: string): readonly (readonly [state: string, inode: string])[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .map((fields) => [fields[3] ?? '', fields[9] ?? ''] as const);
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}
