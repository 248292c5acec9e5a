// What works without a daemon, scripted: a verb that a test did not script fails the test.

import type { Local } from '../../src/cli/local.ts';

/** A Local of the given verbs. */
export function fakeLocal(script: Partial<Local> = {}): Local {
  return new Proxy(script as Local, {
    get: (verbs, verb: keyof Local) => verbs[verb] ?? (() => Promise.reject(new Error(`not scripted: ${verb}`))),
  });
}
