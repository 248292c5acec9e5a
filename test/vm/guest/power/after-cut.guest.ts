// What is left on the disk after the power went while ten agents ran.

import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../../../src/ports/control.ts';
import { answers, client, runsOf, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const AGENTS = 10;
const MOST_RUNS = 200;

/** What a client had been told before the power went. */
const seen = JSON.parse(readFileSync('/test/seen.json', 'utf8')) as readonly RunView[];

let ready = '';
beforeAll(async () => {
  await answers();
  ready = sh('systemctl show --property=Result --value adf').trim();
});

describe('the ledger', () => {
  it('is whole, and the service came up by itself', () => {
    expect(ready).toBe('success');
    const ledger = new Database('/var/lib/adf/ledger.db', { readonly: true });
    try {
      expect(ledger.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(ledger.pragma('foreign_key_check')).toEqual([]);
    } finally {
      ledger.close();
    }
  });

  it('holds every end that anybody had been told', async () => {
    const told = seen.filter(({ outcome }) => outcome !== null);
    expect(told.length).toBeGreaterThan(0);
    const now = new Map((await client.runs({ limit: MOST_RUNS })).map((run) => [run.id, run]));
    expect(told.map(({ id }) => now.get(id)?.outcome)).toEqual(told.map(({ outcome }) => outcome));
  });
});

describe('the runs that were cut', () => {
  it('are lost by the reboot, each of them, and nothing of them is alive', async () => {
    const cut = seen.filter(({ agent }) => agent.startsWith('web/cut'));
    expect(cut).toHaveLength(AGENTS);
    expect(cut.filter(({ outcome }) => outcome !== null)).toEqual([]);
    const ends = await Promise.all(cut.map(async ({ id }) => (await client.show(id)).attempts.at(0)?.outcome));
    expect(ends.map((outcome) => (outcome?.kind === 'lost' ? outcome.cause : outcome))).toEqual(
      Array.from({ length: AGENTS }, () => 'reboot'),
    );
    expect(units().filter((unit) => unit.startsWith('adf-web-cut'))).toEqual([]);
  });
});

describe('schedules', () => {
  it('go on', async () => {
    const before = new Set(seen.map(({ id }) => id));
    await waitFor(async () =>
      (await runsOf('web/tick')).some(({ id, outcome }) => !before.has(id) && outcome !== null),
    );
    expect((await runsOf('web/tick')).at(0)?.outcome?.kind).toBe('succeeded');
  });
});
