// Tells one process from all others that ever had, or will have, the same pid.

import { readFileSync } from 'node:fs';
import { readStat, runs } from './proc.ts';

/** Boot, pid and start time (field 22 of /proc/PID/stat): pids are used again, the three together are not. */
export interface Identity {
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
}

let cachedBootId: string | null = null;

/** The id that the kernel gave this boot. */
export function bootId(): string {
  cachedBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return cachedBootId;
}

/** The identity of the living process `pid`; null when there is none. */
export function identityOf(pid: number): Identity | null {
  const stat = readStat(pid);
  return runs(stat) ? { bootId: bootId(), pid, startTicks: stat.startTicks } : null;
}

/** Whether exactly this process is still alive; a zombie is not. */
export function isAlive(identity: Identity): boolean {
  return identity.bootId === bootId() && identityOf(identity.pid)?.startTicks === identity.startTicks;
}
