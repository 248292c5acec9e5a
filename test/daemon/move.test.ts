// A run moves as drawn, by what the ledger says of it now; and nobody else writes where a run is.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { move } from '../../src/daemon/move.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { testLedger } from '../support/ledger.ts';

const DAEMON = join(import.meta.dirname, '../../src/daemon');

let ledger: Ledger | null = null;
afterEach(() => {
  ledger?.close();
  ledger = null;
});

function asked(): { readonly run: Run; readonly ledger: Ledger } {
  ledger = testLedger({ path: ':memory:', pid: 1 });
  const run = ledger.runs.insert({
    agent: 'web/worker' as AgentKey,
    project: null,
    trigger: { kind: 'operator' },
    priority: 0,
    requestedAt: 0,
    notBefore: 0,
    input: {},
    dedupeKey: null,
    configHash: 'c',
  });
  return { run, ledger };
}

it('goes on from where the ledger has it, whatever the caller still holds', () => {
  const { run, ledger } = asked();
  move(ledger, run, { event: 'admit', memoryPromisedBytes: 7 });
  move(ledger, run, { event: 'launch', attempts: 1 });
  expect(ledger.runs.get(run.id)).toMatchObject({ state: 'starting', memoryPromisedBytes: 7, attempts: 1 });
});

it('throws where no such move is drawn, and changes nothing', () => {
  const { run, ledger } = asked();
  expect(() => move(ledger, run, { event: 'launch', attempts: 1 })).toThrow(`${run.id} is waiting: it cannot launch`);
  expect(ledger.runs.get(run.id)).toEqual(run);
  move(ledger, run, { event: 'end' });
  expect(() => move(ledger, run, { event: 'end' })).toThrow(`${run.id} is ended: it cannot end`);
});

it('throws for a run that nobody knows', () => {
  const { ledger } = asked();
  expect(() => move(ledger, { id: 'r1' as RunId }, { event: 'end' })).toThrow('r1 is unknown: it cannot end');
});

it('is the only place that writes the state of a run', () => {
  const others = readdirSync(DAEMON)
    .filter((name) => name !== 'move.ts')
    .filter((name) => /runs\.update\([^;]*\bstate\b/.test(readFileSync(join(DAEMON, name), 'utf8')));
  expect(others).toEqual([]);
});
