// What only the machine can say: memory, cores, free disk.

import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { isAlive } from '../../os/process-identity.ts';
import type { Identity } from '../../os/process-identity.ts';

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

/** Free bytes for us on the file system of `path`; null: cannot be told. */
export async function diskFreeBytes(path: string): Promise<number | null> {
  try {
    const found = await statfs(path);
    return found.bavail * found.bsize;
  } catch {
    return null;
  }
}

/** Whether exactly this process is alive, by the process table and nothing else; null: cannot be told. */
export function processIsAlive(process: Identity): boolean | null {
  try {
    return isAlive(process);
  } catch {
    return null;
  }
}
