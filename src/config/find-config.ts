// Finds agents.toml: where it is named, else upwards from here, else where a service keeps it.

import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Environment } from './expand.ts';

const FILE_NAME = 'agents.toml';
const SYSTEM_FILE = '/etc/adf/agents.toml';
const MAX_LEVELS = 256;

/** The file and what named it, or every place that was looked at. A named file is answered whether it exists or not. */
export type FoundConfig =
  | { readonly kind: 'found'; readonly path: string; readonly by: 'flag' | 'environment' | 'nearest' | 'system' }
  | { readonly kind: 'none'; readonly looked: readonly string[] };

/** Looks at `--config`, `$ADF_CONFIG`, the nearest agents.toml from `cwd` upwards, and /etc/adf/agents.toml, in this order. */
export function findConfig(input: {
  readonly flag: string | null;
  readonly env: Environment;
  readonly cwd: string;
  readonly systemFile?: string;
}): FoundConfig {
  const { flag, env, cwd } = input;
  if (flag !== null) {
    return { kind: 'found', path: resolve(cwd, flag), by: 'flag' };
  }
  const named = env['ADF_CONFIG'];
  if (named !== undefined && named !== '') {
    return { kind: 'found', path: resolve(cwd, named), by: 'environment' };
  }
  const looked: string[] = [];
  let folder = resolve(cwd);
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const path = join(folder, FILE_NAME);
    looked.push(path);
    if (isFile(path)) {
      return { kind: 'found', path, by: 'nearest' };
    }
    if (dirname(folder) === folder) {
      break;
    }
    folder = dirname(folder);
  }
  const system = input.systemFile ?? SYSTEM_FILE;
  return isFile(system) ? { kind: 'found', path: system, by: 'system' } : { kind: 'none', looked: [...looked, system] };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
