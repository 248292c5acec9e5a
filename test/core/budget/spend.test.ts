// What attempts cost by the list, and what their run's row says of them together.

import { describe, expect, it } from 'vitest';

import { priceOf, runUsage } from '../../../src/core/budget/spend.ts';
import type { SpendRow } from '../../../src/core/budget/spend.ts';
import type { AgentKey, AttemptId, RunId } from '../../../src/core/ids.ts';

const USED = { input: 1000, cacheRead: 0, cacheWrite: null, output: 10, reasoning: null };
const NONE = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
const CLI = { usage: USED, byModel: [], model: 'gpt-5.1', printedMicroUsd: null };

function row(over: Partial<SpendRow>): SpendRow {
  return {
    attempt: 'r1.1' as AttemptId,
    run: 'r1' as RunId,
    agent: 'worker' as AgentKey,
    project: null,
    provider: null,
    model: null,
    at: 0,
    busyMs: 1,
    usage: USED,
    listMicroUsd: 5,
    price: 'printed',
    billing: null,
    metered: null,
    ...over,
  };
}

describe('the list price of an attempt', () => {
  it.each([
    ['is what the CLI printed', { ...CLI, printedMicroUsd: 7 }, { listMicroUsd: 7, price: 'printed' }],
    ['is by our list where it printed none', CLI, { listMicroUsd: 1350, price: 'listed' }],
    [
      'is by our list where tokens are said to cost nothing',
      { ...CLI, printedMicroUsd: 0 },
      { listMicroUsd: 1350, price: 'listed' },
    ],
    [
      'is nothing where nothing was used',
      { ...CLI, usage: NONE, printedMicroUsd: 0 },
      { listMicroUsd: 0, price: 'printed' },
    ],
    ['is unknown for a model that no list has', { ...CLI, model: 'mock-1' }, { listMicroUsd: null, price: null }],
    ['is unknown without tokens', { ...CLI, usage: null }, { listMicroUsd: null, price: null }],
    [
      'is unknown as soon as one of its models is',
      {
        ...CLI,
        byModel: [
          { model: 'gpt-5.1', usage: USED },
          { model: 'mock-1', usage: USED },
        ],
      },
      { listMicroUsd: null, price: null },
    ],
  ] as const)('%s', (_title, used, price) => {
    expect(priceOf(used)).toEqual(price);
  });
});

it("is by the operator's price before ours", () => {
  const own = [{ name: 'gpt-5.1', input: 100, output: 0, cacheRead: 0, cacheWrite: null }];
  const price = { listMicroUsd: 100 * (USED.input ?? 0), price: 'listed' };
  expect(priceOf(CLI, own)).toEqual(price);
  expect(priceOf({ ...CLI, model: 'openai/gpt-5.1' }, own)).toEqual(price);
});

describe('the usage of a run', () => {
  it('is unknown when nothing is known of any attempt', () => {
    expect(runUsage([])).toBeNull();
    expect(runUsage([row({ usage: null, listMicroUsd: null, price: null })])).toBeNull();
  });

  it('is that of its only attempt', () => {
    expect(runUsage([row({})])).toEqual({ ...USED, costMicroUsd: 5 });
  });

  it('adds what is known, and says when something is missing', () => {
    const unknown = row({ usage: null, listMicroUsd: null, price: null });
    expect(runUsage([row({}), row({})])).toEqual({ ...USED, input: 2000, output: 20, costMicroUsd: 10 });
    expect(runUsage([row({}), unknown])).toEqual({ ...USED, costMicroUsd: 5, partial: true });
  });

  it('says whether it was billed where all attempts say the same', () => {
    const [billed, covered] = (['billed', 'subscription'] as const).map((billing) => row({ billing }));
    expect(runUsage([billed ?? row({})])).toMatchObject({ billing: 'billed' });
    expect(runUsage([covered ?? row({}), covered ?? row({})])).toMatchObject({ billing: 'subscription' });
    expect(runUsage([covered ?? row({}), billed ?? row({})])).not.toHaveProperty('billing');
    expect(runUsage([billed ?? row({}), row({})])).not.toHaveProperty('billing');
  });

  it('says how many requests a meter saw, and that it is a lower bound where one of them is not wholly known', () => {
    const seen = (requests: number, uncounted: number): SpendRow => row({ metered: { requests, uncounted } });
    expect(runUsage([seen(2, 0), seen(3, 0), row({})])).toEqual({
      ...USED,
      input: 3000,
      output: 30,
      costMicroUsd: 15,
      metered: 5,
    });
    expect(runUsage([seen(2, 1)])).toEqual({ ...USED, costMicroUsd: 5, metered: 2, partial: true });
  });

  it('says that its price is by our list', () => {
    expect(runUsage([row({ price: 'listed' })])).toMatchObject({ price: 'listed' });
  });
});
