// Runs something many times, some at once, and says how fast and at what price.

import { readFileSync, readdirSync } from 'node:fs';

/** What one round took. */
export interface Round {
  readonly perSecond: number;
  /** Processor time of the process that asked (of its own, not of what it started) for each run. */
  readonly cpuMsPerRun: number;
}

/** Calls `run` `runs` times, `wide` at once. */
export async function round(runs: number, wide: number, run: (index: number) => Promise<void>): Promise<Round> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < runs) {
      next += 1;
      await run(next);
    }
  };
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: wide }, lane));
  const tookMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (runs / tookMs) * 1000, cpuMsPerRun: (user + system) / 1000 / runs };
}

/** The value that `share` of `values` do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))];
  if (value === undefined) {
    throw new Error('nothing was measured');
  }
  return value;
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Processor time of `pid` so far in ms, in nanosecond steps, all threads that live. */
export function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, each) => sum + each, 0);
}

/** Resident memory of `pid` in MB (10⁶ bytes): all of it, and with shared pages counted by share. */
export function memoryMb(pid: number): { readonly rss: number; readonly pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string): number => (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) * 1024) / 1e6;
  return { rss: of('Rss'), pss: of('Pss') };
}

/** Calls of `write` and bytes sent to the disk by `pid` so far. */
export function writes(pid: number): { readonly calls: number; readonly bytes: number } {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
  return { calls: of('syscw'), bytes: of('write_bytes') };
}
