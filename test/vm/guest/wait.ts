// Waiting inside the machine, for facts that nobody tells.

import { setTimeout as delay } from 'node:timers/promises';

/** The machine is several times slower than a real one, and its host is shared. */
const PATIENCE_MS = 120_000;
/** A look costs tens of milliseconds there, and ten may wait at once. */
const LOOK_MS = 400;

/** Waits until `holds`. */
export async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; !(await holds());) {
    if (Date.now() > until) {
      throw new Error(`not so within ${PATIENCE_MS} ms: ${holds.toString()}`);
    }
    await delay(LOOK_MS);
  }
}
