// Loads a configuration from a text, in a world where nothing depends on the machine of the test.

import type { LoadInput, LoadResult } from '../../src/config/load.ts';
import { loadFleet } from '../../src/config/load.ts';
import type { World } from '../../src/config/world.ts';
import type { Fleet } from '../../src/core/fleet.ts';

/** A machine with 2 cores and 8 GiB on which every program exists but those called `missing…`. */
export const TEST_WORLD: World = {
  env: { HOME: '/home/tester', EMPTY: '', WORD: 'from-env' },
  machine: {
    cores: 2,
    memoryBytes: 8 * 1024 ** 3,
    findProgram: (name) => (name.includes('missing') || name === 'cluade' ? null : `/bin/${name}`),
  },
  drivers: ['claude', 'codex', 'gemini', 'exec'],
  stateDirectory: null,
  foreground: false,
};

/** Loads `text` as `/repo/agents.toml`. */
export function loadText(text: string, over: Partial<LoadInput> = {}): LoadResult {
  return loadFleet({ ...TEST_WORLD, path: '/repo/agents.toml', text, ...over });
}

/** The fleet of `text`, which must be right. */
export function fleetOf(text: string, over: Partial<LoadInput> = {}): Fleet {
  const result = loadText(text, over);
  if (result.kind === 'errors') {
    throw new Error(problemLines(result.errors).join('\n'));
  }
  return result.fleet;
}

/** Problems as `adf check` prints them, without the folder of the test. */
export function problemLines(
  problems: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly key: string;
    readonly message: string;
  }[],
): string[] {
  return problems.map(
    ({ file, line, column, key, message }) => `${file.split('/').at(-1) ?? file}:${line}:${column} ${key}: ${message}`,
  );
}

/** The lines of the errors of `text`. */
export function errorsOf(text: string, over: Partial<LoadInput> = {}): string[] {
  const result = loadText(text, over);
  return result.kind === 'errors' ? problemLines(result.errors) : [];
}

/** The lines of the warnings of `text`. */
export function warningsOf(text: string, over: Partial<LoadInput> = {}): string[] {
  return problemLines(loadText(text, over).warnings);
}
