// What only the machine can say: memory, cores, free disk.

import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';

/** Memory and processors of this machine. */
export function machineSize(): { readonly memoryBytes: number; readonly cores: number } {
  return { memoryBytes: totalmem(), cores: availableParallelism() };
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
