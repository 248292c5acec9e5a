// Decides what a run's tokens cost by the list, where its CLI prints no cost of its own.

import { PRICE_ROWS } from './prices.ts';
import type { ModelPrice, PriceRow } from './prices.ts';
import type { TokenCounts } from './tokens.ts';

/** A version, date or window behind a model's name: the same price. */
const SUFFIX = /(?:-latest|-\d{8}|-\d{4}-\d{2}-\d{2}|\[\w+\])$/;

/**
 * List price of `tokens` of `model` in millionths of a dollar, or null: the model or the tokens are unknown, which is
 * not zero. Example: gpt-5.1 with 234 input, 1,000 read, 48 output and 8 reasoning:
 * 234 × 1.25 + 1,000 × 0.125 + 56 × 10 = 977.5, so 978. `own` are the operator's prices and win.
 */
export function listPrice(model: string, tokens: TokenCounts, own: readonly ModelPrice[] = []): number | null {
  const row = rowOf(model, own.map(asRow)) ?? rowOf(model, PRICE_ROWS);
  if (row === null || tokens.input === null || tokens.output === null) {
    return null;
  }
  const [, input, cacheRead, cacheWrite, output] = row;
  return Math.round(
    tokens.input * input +
      (tokens.cacheRead ?? 0) * (cacheRead ?? input) +
      (tokens.cacheWrite ?? 0) * (cacheWrite ?? input) +
      (tokens.output + (tokens.reasoning ?? 0)) * output,
  );
}

/**
 * The same of what is known of `tokens`, so never more than the true price: an answer that was cut has told its input and not
 * its output, and a budget must not forget it. Null: the model is unknown, or neither count is known.
 */
export function leastPrice(model: string, tokens: TokenCounts, own: readonly ModelPrice[]): number | null {
  const { input, output } = tokens;
  return input === null && output === null
    ? null
    : listPrice(model, { ...tokens, input: input ?? 0, output: output ?? 0 }, own);
}

function asRow({ name, input, cacheRead, cacheWrite, output }: ModelPrice): PriceRow {
  return [name, input, cacheRead, cacheWrite, output];
}

/** The row of `model`: by its whole name, without its provider (`openai/…`), without its version. */
function rowOf(model: string, rows: readonly PriceRow[]): PriceRow | null {
  const bare = model.slice(model.lastIndexOf('/') + 1);
  for (const name of [model, bare, bare.replace(SUFFIX, '')]) {
    const row = rows.find(([known]) => known === name);
    if (row !== undefined) {
      return row;
    }
  }
  return null;
}
