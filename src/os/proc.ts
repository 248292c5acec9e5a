// Reads what /proc says about single processes; a process that vanished, or that is not ours to read, answers null.

import { readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { readSmall } from './read-small.ts';

/** The fields of /proc/PID/stat that we use; times are in clock ticks (100 a second on every Linux we know). */
export interface ProcStat {
  readonly pid: number;
  /** `Z` and `X` are dead: nothing of them runs any more. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly cpuTicks: number;
  /** Processor time of children that it has waited for. */
  readonly childCpuTicks: number;
  readonly startTicks: number;
}

const MS_PER_TICK = 10;

/** Milliseconds of `ticks`. */
export function ticksToMs(ticks: number): number {
  return ticks * MS_PER_TICK;
}

/** Ids of all processes of the machine that /proc shows us. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The process `pid`, or null when there is none. */
export function readStat(pid: number): ProcStat | null {
  const text = readProc(`${pid}/stat`);
  if (text === null) {
    return null;
  }
  // The name stands in parentheses and may itself hold spaces and parentheses: the fields begin after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3]);
  return {
    pid,
    state: fields[0] ?? 'X',
    parent: number(4),
    group: number(5),
    session: number(6),
    cpuTicks: number(14) + number(15),
    childCpuTicks: number(16) + number(17),
    startTicks: number(22),
  };
}

/** The short name of the process `pid`, as it or its program chose it; null when there is none. */
export function readName(pid: number): string | null {
  return readProc(`${pid}/comm`)?.trimEnd() ?? null;
}

/** Whether `stat` is of a process that still runs code or can be continued. */
export function runs(stat: ProcStat | null): stat is ProcStat {
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

/** The environment that `pid` was started with, as `NAME=value` texts; null when we may not read it. */
export function readEnviron(pid: number): string[] | null {
  return readProc(`${pid}/environ`)?.split('\0') ?? null;
}

/** Resident bytes of `pid`, shared pages counted in full; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(readProc(`${pid}/statm`)?.split(' ')[1] ?? 0) * pageBytes();
}

/** Resident bytes of `pid` with shared pages divided among their users; null when the kernel does not let us read it. */
export function proportionalBytes(pid: number): number | null {
  const match = /^Pss:\s+(\d+) kB$/m.exec(readProc(`${pid}/smaps_rollup`) ?? '');
  return match === null ? null : Number(match[1]) * 1024;
}

/** Milliseconds since `stat`'s process began. */
export function ageMs(startTicks: number): number {
  const uptimeSeconds = Number(readProc('uptime')?.split(' ')[0] ?? 0);
  return Math.max(0, uptimeSeconds * 1000 - ticksToMs(startTicks));
}

let cachedPageBytes = 0;

function pageBytes(): number {
  if (cachedPageBytes === 0) {
    cachedPageBytes = pageBytesFromAuxv();
  }
  return cachedPageBytes;
}

/** The page size stands in the auxiliary vector (pairs of words) under AT_PAGESZ; Node has no call for it. */
function pageBytesFromAuxv(): number {
  const AT_PAGESZ = 6n;
  const words = readFileSync('/proc/self/auxv');
  const read = (at: number) => (endianness() === 'LE' ? words.readBigUInt64LE(at) : words.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= words.length; at += 16) {
    if (read(at) === AT_PAGESZ) {
      return Number(read(at + 8));
    }
  }
  return 4096;
}

function readProc(path: string): string | null {
  return readSmall(`/proc/${path}`);
}
