// Real SQLite for tests, in memory or on a file.

import { fileURLToPath } from 'node:url';
import { openLedger } from '../../src/adapters/sqlite/ledger.ts';
import type { Ledger } from '../../src/ports/ledger.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** A ledger of its own; `path` for one on disk, `pid` to play several daemons. */
export function testLedger(
  input: { readonly path?: string; readonly pid?: number; readonly isAlive?: () => boolean } = {},
): Ledger {
  return openLedger({
    path: input.path ?? ':memory:',
    migrationsDir: MIGRATIONS,
    self: { bootId: 'boot-a', pid: input.pid ?? 1, startTicks: 1 },
    isAlive: input.isAlive ?? (() => false),
  });
}
