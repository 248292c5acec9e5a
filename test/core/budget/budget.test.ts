// How a budget stands, on both sides of each share.

import { describe, expect, it } from 'vitest';

import { amountInWords, gaugeInWords, NO_AMOUNTS, standOf } from '../../../src/core/budget/budget.ts';
import type { Budget } from '../../../src/core/budget/budget.ts';

const BUDGET: Budget = {
  key: 'fleet day',
  scope: { kind: 'fleet' },
  window: 'day',
  limits: { microUsd: null, tokens: 1000, runs: null, busyMs: null },
};

function kindOf(used: number, reserved = 0, factor = 1): string {
  const amounts = { used: { ...NO_AMOUNTS, tokens: used }, reserved: { ...NO_AMOUNTS, tokens: reserved } };
  return standOf(BUDGET, amounts, factor).kind;
}

describe('a budget of 1,000', () => {
  it.each([
    [0, 'free'],
    [799, 'free'],
    [800, 'near'],
    [999, 'near'],
    [1000, 'spent'],
    [1001, 'spent'],
  ])('with %i used is %s', (used, kind) => {
    expect(kindOf(used)).toBe(kind);
  });

  it('has room for exactly what is left, and no more', () => {
    expect(kindOf(500, 500)).toBe('free');
    expect(kindOf(500, 501)).toBe('full');
  });

  it('is larger by its override, in all its shares', () => {
    expect(kindOf(1599, 0, 2)).toBe('free');
    expect(kindOf(1600, 0, 2)).toBe('near');
    expect(kindOf(2000, 0, 2)).toBe('spent');
  });

  it('shows the limit of which most is taken', () => {
    const budget = { ...BUDGET, limits: { ...BUDGET.limits, runs: 10 } };
    const used = { ...NO_AMOUNTS, tokens: 100, runs: 9 };
    expect(standOf(budget, { used, reserved: NO_AMOUNTS })).toMatchObject({ kind: 'near', gauge: { unit: 'runs' } });
  });

  it('without any limit is free', () => {
    const budget = { ...BUDGET, limits: { ...BUDGET.limits, tokens: null } };
    expect(standOf(budget, { used: NO_AMOUNTS, reserved: NO_AMOUNTS })).toEqual({ kind: 'free', gauge: null });
  });
});

describe('an amount', () => {
  it.each([
    ['microUsd', 4_980_000, '$4.98'],
    ['microUsd', 5592, '$0.0056'],
    ['tokens', 12, '12 tokens'],
    ['runs', 1, '1 run'],
    ['busyMs', 7_200_000, '2 h'],
  ] as const)('of %s, %i, reads %s', (unit, amount, text) => {
    expect(amountInWords(unit, amount)).toBe(text);
  });

  it('is shown with what is reserved', () => {
    expect(gaugeInWords({ unit: 'runs', used: 2, reserved: 1, limit: 3 })).toBe(
      '2 runs used, 1 run reserved, limit 3 runs',
    );
  });
});
