// A damaged ledger is never opened, never thrown away, and never silently replaced.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentKey } from '../../src/core/ids.ts';
import { openOrRestore } from '../../src/main/open-or-restore.ts';
import type { NewRun } from '../../src/ports/ledger.ts';
import { MIGRATIONS } from '../support/ledger.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-restore-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function open(): ReturnType<typeof openOrRestore> {
  return openOrRestore(
    {
      path: join(dir, 'ledger.db'),
      migrationsDir: MIGRATIONS,
      self: { bootId: 'boot-a', pid: 1, startTicks: 1 },
      isAlive: () => false,
    },
    1_000,
  );
}

const WISH: NewRun = {
  agent: 'worker' as AgentKey,
  project: null,
  trigger: { kind: 'operator' },
  priority: 0,
  requestedAt: 1,
  notBefore: 1,
  input: {},
  dedupeKey: null,
  configHash: 'c',
};

function damage(name: string): void {
  writeFileSync(join(dir, name), 'this is no database, and was never meant to be one'.repeat(100));
}

describe('a ledger that is damaged', () => {
  it('is kept aside, and the newest good copy goes on', async () => {
    const { ledger } = open();
    ledger.states.set('meta', 'known', 7);
    await ledger.upkeep.backup(join(dir, 'backup', 'ledger-2026-11-20.db'));
    ledger.close();
    damage('ledger.db');
    damage('backup/ledger-2026-11-21.db');
    const again = open();
    expect(again.restored).toMatch(/kept as ledger\.db\.corrupt-1000; ledger-2026-11-20\.db was restored/);
    expect(again.ledger.states.get('meta', 'known')).toBe(7);
    again.ledger.close();
    expect(readdirSync(dir)).toContain('ledger.db.corrupt-1000');
  });

  it('begins empty, and says so, where there is no copy', () => {
    damage('ledger.db');
    const { ledger, restored } = open();
    expect(restored).toMatch(/no copy, so it begins empty/);
    expect(ledger.runs.list({ limit: 1 })).toEqual([]);
    ledger.close();
  });

  it.each(['with a copy', 'without one'])('gives no id that may have been given before, %s', async (how) => {
    const { ledger } = open();
    if (how === 'with a copy') {
      await ledger.upkeep.backup(join(dir, 'backup', 'ledger-2026-11-20.db'));
    }
    const given = Array.from({ length: 3 }, () => ledger.runs.insert(WISH).id);
    ledger.close();
    damage('ledger.db');
    const again = open();
    const { id } = again.ledger.runs.insert(WISH);
    expect(given).not.toContain(id);
    expect(id > (given.at(-1) ?? '') || id.length > (given.at(-1) ?? '').length).toBe(true);
    again.ledger.close();
  });

  it('is opened as it is when nothing is wrong', () => {
    open().ledger.close();
    const { ledger, restored } = open();
    expect(restored).toBeNull();
    ledger.close();
  });
});
