// The secrets of a pretended machine: agents are given a name for each name, some values are known.

import type { SecretValues } from '../../src/ports/secret-values.ts';

/** Knows `values`, and gives an agent for each name that it names the name itself. */
export function fakeSecrets(values: readonly string[] = []): SecretValues {
  return {
    of: async ({ secrets }) => Promise.resolve(Object.fromEntries(secrets.map((name) => [name, name]))),
    known: () => values,
  };
}
