// What only the machine can say: memory, cores, free disk, and how much of its work stands still for want of them.

import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { isAlive } from '../../os/process-identity.ts';
import type { Identity } from '../../os/process-identity.ts';
import { readSmall } from '../../os/read-small.ts';

/** Memory and processors of this machine. */
export function machineSize(): { readonly memoryBytes: number; readonly cores: number } {
  return { memoryBytes: totalmem(), cores: availableParallelism() };
}

/** How busy this machine is: the load of the last minute over its processors, and memory that nobody else could have. */
export function machineLoad(): { readonly cpuPercent: number | null; readonly memoryUsedBytes: number | null } {
  const load = loadavg()[0] ?? null;
  const cpuPercent = load === null ? null : Math.round((load / availableParallelism()) * 100);
  return { cpuPercent, memoryUsedBytes: totalmem() - freemem() };
}

/** Room for us on the file system of `path`; null: cannot be told. btrfs has no number of inodes, and says 0 of 0. */
export async function diskRoom(
  path: string,
): Promise<{ readonly freeBytes: number | null; readonly freeInodes: number | null }> {
  try {
    const found = await statfs(path);
    return { freeBytes: found.bavail * found.bsize, freeInodes: found.files === 0 ? null : found.ffree };
  } catch {
    return { freeBytes: null, freeInodes: null };
  }
}

/**
 * Percent of the last ten seconds in which work stood still (kernel documentation, accounting/psi); null: the kernel does
 * not tell. Memory: everything that could run (`full`), for one agent at its own limit drives `some` to any height and
 * hurts nobody else. Processors: anything (`some`), for `full` is not defined there. `read` opens files of the kernel.
 */
export function pressurePercent(
  of: 'memory' | 'cpu',
  read: (path: string) => string | null = readSmall,
): number | null {
  const line = of === 'memory' ? /^full avg10=(\d+\.\d+) /m : /^some avg10=(\d+\.\d+) /m;
  const found = line.exec(read(`/proc/pressure/${of}`) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** Whether exactly this process is alive, by the process table and nothing else; null: cannot be told. */
export function processIsAlive(process: Identity): boolean | null {
  try {
    return isAlive(process);
  } catch {
    return null;
  }
}
