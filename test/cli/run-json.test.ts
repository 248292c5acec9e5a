// The JSON of a run, which programs of others read: exactly these keys, whatever command prints it.

import { expect, it } from 'vitest';
import type { RunView } from '../../src/http/contract.ts';
import { adf } from '../support/cli.ts';
import { FakeControl } from '../support/fake-control.ts';
import { FULL, runView, waitingRun } from '../support/views.ts';

const KEYS = [
  'id',
  'agent',
  'project',
  'trigger',
  'state',
  'outcome',
  'exit',
  'attempts',
  'requestedAt',
  'startedAt',
  'endedAt',
  'cpuMs',
  'peakMemoryBytes',
  'enforcement',
];

const USAGE = { input: 1, cacheRead: null, cacheWrite: null, output: 2, reasoning: null, costMicroUsd: 3 };

it.each<[string, readonly string[], (json: unknown) => RunView]>([
  ['runs', ['runs'], (json) => (json as readonly RunView[])[0]!],
  ['show', ['show', 'r7k2'], (json) => (json as { readonly run: RunView }).run],
  ['cancel', ['cancel', 'r7k2'], (json) => json as RunView],
  ['retry', ['retry', 'r7k2'], (json) => (json as { readonly run: RunView }).run],
])('%s prints an ended run with exactly its keys', async (_verb, argv, pick) => {
  const fake = new FakeControl();
  fake.runs = [runView()];
  const run = pick(JSON.parse((await adf(fake, [...argv, '--json'])).out));
  expect(Object.keys(run)).toEqual(KEYS);
  expect(run.trigger).toEqual({ kind: 'slot', slotAt: run.requestedAt });
  expect(run.exit).toEqual({ code: 0, signal: null });
});

it('adds usage where a driver proved it, and reasons where a run waits, and nothing else', async () => {
  const fake = new FakeControl();
  fake.runs = [runView({ usage: USAGE }), waitingRun([FULL])];
  const runs = JSON.parse((await adf(fake, ['runs', '--json'])).out) as readonly RunView[];
  expect(runs.map((run) => Object.keys(run))).toEqual([
    [...KEYS, 'usage'],
    [...KEYS, 'reasons'],
  ]);
});

it('runs prints an array, newest first, also when it is empty', async () => {
  const fake = new FakeControl();
  const ids = (json: string): readonly string[] => (JSON.parse(json) as readonly RunView[]).map((run) => run.id);
  expect(ids((await adf(fake, ['runs', '--json'])).out)).toEqual(['r7m1', 'r7k2']);
  fake.runs = [];
  expect((await adf(fake, ['runs', '--json'])).out).toBe('[]\n');
});
