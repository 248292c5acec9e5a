// What is left on the disk after the power went while ten agents ran.

import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../../../src/ports/control.ts';
import { answers, client, PLACE, runsOf, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const AGENTS = 10;
const TICK_MS = 10_000;
const LEDGER = `${PLACE.stateDir}/ledger.db`;
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
    const ledger = new Database(LEDGER, { readonly: true });
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
  it('go on by their policy: each slot that was due ran or is written down with its reason, none twice', async () => {
    const before = new Set(seen.map(({ id }) => id));
    await waitFor(async () =>
      (await runsOf('web/tick')).some(({ id, outcome }) => !before.has(id) && outcome?.kind === 'succeeded'),
    );
    const slots = slotsOf('web/tick');
    expect(slots.length).toBeGreaterThan(1);
    for (const [index, { from, to, count }] of slots.entries()) {
      expect(count).toBe((to - from) / TICK_MS + 1);
      expect(from - (slots[index - 1]?.to ?? from - TICK_MS)).toBe(TICK_MS);
    }
    // The power was off, or a busy machine had no room yet or was not done with the slot before.
    const skipped = slots.filter(({ verdict }) => verdict !== 'admitted' && verdict !== 'waiting');
    expect(skipped.filter(({ codes }) => codes === '')).toEqual([]);
  });
});

interface SlotLine {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly verdict: string;
  readonly codes: string;
}

/** Rows of the slots of `agent`, in order. */
function slotsOf(agent: string): readonly SlotLine[] {
  const ledger = new Database(LEDGER, { readonly: true });
  try {
    const sql =
      'SELECT from_at AS "from", to_at AS "to", count, verdict, codes FROM slots WHERE agent = ? ORDER BY from_at';
    return ledger.prepare(sql).all(agent) as SlotLine[];
  } finally {
    ledger.close();
  }
}
