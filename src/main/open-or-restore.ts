// Opens the ledger; a damaged one is moved aside and the newest good copy takes its place, with the factory paused.

import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { openLedger } from '../adapters/sqlite/ledger.ts';
import type { LedgerInput } from '../adapters/sqlite/ledger.ts';
import { backupDirOf, goodBackups } from '../adapters/sqlite/upkeep.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { Ledger } from '../ports/ledger.ts';

/** A ledger. `restored`: what happened to the one before, in a sentence for people; null: nothing did. */
export interface OpenedLedger {
  readonly ledger: Ledger;
  readonly restored: string | null;
}

/** As `openLedger`, but goes on with the newest good copy (or, where there is none, with an empty ledger) when the file is damaged. */
export function openOrRestore(input: LedgerInput, now: number): OpenedLedger {
  try {
    return { ledger: openLedger(input), restored: null };
  } catch (error) {
    if (!(error instanceof OperationalError && error.code === 'corrupt')) {
      throw error;
    }
  }
  const aside = moveAside(input.path, now);
  const [backup] = goodBackups(backupDirOf(input.path));
  if (backup !== undefined) {
    copyFileSync(backup, input.path);
  }
  const from = backup === undefined ? 'there was no copy, so it begins empty' : `${basename(backup)} was restored`;
  const ledger = openLedger(input);
  ledger.upkeep.skipIds();
  return {
    ledger,
    restored: `the ledger was damaged and is kept as ${basename(aside)}; ${from}; look at adf runs, then let the factory go on`,
  };
}

/** Moves a broken database with its companions; answers the new name. */
function moveAside(path: string, stamp: number): string {
  const target = `${path}.corrupt-${stamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) {
      renameSync(path + suffix, target + suffix);
    }
  }
  return target;
}
