// What tokens cost by the list.

import { describe, expect, it } from 'vitest';

import { leastPrice, listPrice } from '../../../src/core/budget/list-price.ts';
import { PRICE_LIST, PRICE_ROWS } from '../../../src/core/budget/prices.ts';

const TOKENS = { input: 234, cacheRead: 1000, cacheWrite: 0, output: 48, reasoning: 8 };

describe('the list price', () => {
  it('sums up the kinds of tokens', () => {
    expect(listPrice('gpt-5.1', TOKENS)).toBe(978);
  });

  it('charges reasoning as output, and a kind without a price of its own as input', () => {
    expect(listPrice('gpt-5.1', { ...TOKENS, output: 56, reasoning: null })).toBe(978);
    expect(listPrice('gpt-5-pro', { ...TOKENS, output: 0, reasoning: 0 })).toBe(15 * 1234);
  });

  it.each(['openai/gpt-5.1', 'gpt-5.1-2026-01-31', 'gpt-5.1-20260131', 'gpt-5.1[1m]', 'a/b/gpt-5.1-latest'])(
    'knows %s',
    (model) => {
      expect(listPrice(model, TOKENS)).toBe(978);
    },
  );

  it.each(['gpt-5.1-unheard-of', 'mock-1', ''])('does not know %j: unknown is not zero', (model) => {
    expect(listPrice(model, TOKENS)).toBeNull();
  });

  it('is unknown when input or output are', () => {
    expect(listPrice('gpt-5.1', { ...TOKENS, output: null })).toBeNull();
    expect(listPrice('gpt-5.1', { ...TOKENS, input: null })).toBeNull();
    expect(listPrice('gpt-5.1', { ...TOKENS, cacheRead: null, cacheWrite: null })).toBe(853);
  });

  it('of an answer that was cut is that of what is known', () => {
    expect(leastPrice('gpt-5.1', { ...TOKENS, output: null, reasoning: null }, [])).toBe(418);
    expect(leastPrice('gpt-5.1', { ...TOKENS, input: null, output: null }, [])).toBeNull();
    expect(leastPrice('mock-1', TOKENS, [])).toBeNull();
  });

  it('gives way to the operator', () => {
    expect(
      listPrice('mock-1', TOKENS, [{ name: 'mock-1', input: 1, cacheRead: null, cacheWrite: null, output: 1 }]),
    ).toBe(1290);
    expect(listPrice('gpt-5.1', TOKENS, [{ name: 'gpt-5.1', input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }])).toBe(
      0,
    );
  });
});

describe('the list', () => {
  it('has a date, a source, and each model once with a price', () => {
    expect(PRICE_LIST.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(PRICE_LIST.source).toContain('models.dev');
    expect(new Set(PRICE_ROWS.map(([model]) => model)).size).toBe(PRICE_ROWS.length);
    expect(PRICE_ROWS.filter(([, input, , , output]) => !(input > 0 && output >= input))).toEqual([]);
  });
});
