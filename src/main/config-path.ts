// Finds agents.toml as every command does it.

import { readEnvironment } from '../config/env.ts';
import { findConfig } from '../config/find-config.ts';
import { OperationalError } from '../lib/operational-error.ts';

/** The path of the configuration. Error `config.not_found`. */
export function configPath(config: string | null): string {
  const found = findConfig({ flag: config, env: readEnvironment(), cwd: process.cwd() });
  if (found.kind === 'none') {
    throw new OperationalError(
      'config.not_found',
      `no agents.toml here or above, nor ${found.looked.at(-1) ?? ''}: adf init writes one, --config names one`,
    );
  }
  return found.path;
}
