// Says what this machine has: processor cores, memory, and the programs on PATH.

import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

import type { Environment } from './expand.ts';
import type { Machine } from './world.ts';

/** The machine, or the part of it that a container leaves us. */
export function thisMachine(env: Environment): Machine {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    cores: availableParallelism(),
    memoryBytes: limit > 0 && limit < total ? limit : total,
    findProgram: (name) => findProgram(name, env['PATH']),
  };
}

/** The file that `name` starts: itself when it is absolute, else the first on `path`; null: none can be executed. */
export function findProgram(name: string, path: string | undefined): string | null {
  const candidates = isAbsolute(name)
    ? [name]
    : (path ?? '')
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
