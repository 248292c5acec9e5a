// Reads the environment for the factory; everybody else gets what they need as an argument.

import type { Environment } from './expand.ts';

/** The environment of this process as it was at the call. */
export function readEnvironment(): Environment {
  return { ...process.env };
}

/** The same without names that have no value. */
export function definedEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(readEnvironment()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The folders that systemd gives a unit; null: not started by one, or without that folder. */
export interface UnitFolders {
  readonly state: string | null;
  readonly runtime: string | null;
}

/** Reads `$STATE_DIRECTORY` and `$RUNTIME_DIRECTORY`; systemd joins several folders by a colon, the first is ours. */
export function unitFolders(env: Environment): UnitFolders {
  const first = (value: string | undefined): string | null => value?.split(':').find((part) => part !== '') ?? null;
  return { state: first(env['STATE_DIRECTORY']), runtime: first(env['RUNTIME_DIRECTORY']) };
}
