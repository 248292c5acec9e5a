// The alert's look at drift reads agents.toml only when something can have changed.

import { expect, it } from 'vitest';
import { driftLook } from '../../src/daemon/drift-look.ts';
import type { DriftView } from '../../src/ports/reconcile-view.ts';
import { FakeClock } from '../support/fake-clock.ts';

const BROKEN = { kind: 'broken', errors: [{ key: 'agents', message: 'wrong' }] } as unknown as DriftView;
const CONVERGED = { kind: 'drift', changes: [] } as unknown as DriftView;
const HOUR_MS = 3_600_000;

function looking(open: readonly unknown[]) {
  const clock = new FakeClock(Date.UTC(2026, 10, 21));
  const files = { print: 'as loaded' as string | null, view: CONVERGED, asked: 0 };
  const house = {
    clock,
    fleet: { now: { hash: 'h1', alerts: { driftMs: HOUR_MS } } },
    ledger: { attempts: { open: () => open } },
  } as unknown as Parameters<typeof driftLook>[0];
  const look = driftLook(house, {
    ask: async () => {
      files.asked += 1;
      return Promise.resolve(files.view);
    },
    fingerprint: () => files.print,
  });
  return { clock, files, look };
}

it('asks nothing while the files are what was loaded', async () => {
  const { clock, files, look } = looking([]);
  expect(await look()).toBe('none');
  clock.advance(HOUR_MS);
  expect(await look()).toBe('none');
  expect(files.asked).toBe(0);
});

it('asks when a file has changed, and again while it is not in force', async () => {
  const { clock, files, look } = looking([]);
  await look();
  Object.assign(files, { print: 'edited', view: BROKEN });
  expect(await look()).toMatchObject({ parts: 1, broken: true });
  clock.advance(HOUR_MS);
  files.view = CONVERGED;
  expect(await look()).toBe('none');
  clock.advance(HOUR_MS);
  await look();
  expect(files.asked).toBe(2);
});

it('asks once for what was taken over from an older file', async () => {
  const { clock, files, look } = looking([{}]);
  await look();
  clock.advance(HOUR_MS);
  await look();
  expect(files.asked).toBe(1);
});

it('asks from time to time where changes cannot be told', async () => {
  const { clock, files, look } = looking([]);
  files.print = null;
  await look();
  clock.advance(HOUR_MS);
  await look();
  expect(files.asked).toBe(2);
});
