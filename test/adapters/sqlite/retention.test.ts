// What retention takes away, how it finds it, and that a daemon whose lease is another's takes nothing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OF_RUN, OLD_RUNS, WITHOUT_RUN } from '../../../src/adapters/sqlite/retention.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { testLedger } from '../../support/ledger.ts';

const STAMP = { mono: 1, actor: 'daemon', configHash: 'h' } as const;

let dir: string;
let path: string;
let ledgers: Ledger[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-retention-'));
  path = join(dir, 'ledger.db');
  ledgers = [];
});
afterEach(() => {
  ledgers.forEach((ledger) => ledger.close());
  rmSync(dir, { recursive: true });
});

function open(pid: number): Ledger {
  const ledger = testLedger({ path, pid });
  ledgers.push(ledger);
  return ledger;
}

function addFacts(ledger: Ledger, count: number): void {
  ledger.transact(() => {
    for (let at = 1; at <= count; at += 1) {
      ledger.facts.append({ kind: 'storage.recovered' }, { at, ...STAMP });
    }
  });
}

describe('retention', () => {
  it('finds by an index all that it takes, whatever the ledger keeps', () => {
    open(1);
    const db = new Database(path, { readonly: true });
    const plans = [OLD_RUNS, ...OF_RUN, ...WITHOUT_RUN].flatMap((text) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${text}`)
        .all(...(text.match(/\?/g) ?? []).map(() => 1))
        .map((row) => (row as { readonly detail: string }).detail),
    );
    db.close();
    expect(plans.filter((detail) => detail.startsWith('SCAN'))).toEqual([]);
    expect(plans.length).toBeGreaterThan(WITHOUT_RUN.length);
  });

  it('takes what belongs to no run in batches, and not a moment too early', () => {
    const ledger = open(1);
    addFacts(ledger, 1200);
    const removed = [1, 2, 3, 4].map(() => ledger.upkeep.prune({ runs: 1101, now: 2000 }));
    expect(removed).toEqual([500, 500, 100, 0]);
    expect(ledger.facts.latest(1000).map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, i) => 1200 - i));
  });

  it('is not for a daemon whose place another one took', () => {
    const first = open(1);
    addFacts(first, 3);
    const second = open(2);
    expect(() => first.upkeep.prune({ runs: 10, now: 10 })).toThrow(expect.objectContaining({ code: 'fenced' }));
    expect(second.facts.latest(10)).toHaveLength(3);
  });
});
