// Adds and subtracts token counts whose kinds may be unknown: unknown is not zero.

import type { SessionTotal, TokenUsage } from '../ports/agent-driver.ts';

/** Nothing was used, and that is known. */
export const ZERO_USAGE: TokenUsage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

const KINDS = ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'] as const;

/** `a` and `b` together; a kind that one of them does not know is unknown. */
export function plus(a: TokenUsage, b: TokenUsage): TokenUsage {
  return perKind((kind) => both(a[kind], b[kind], (x, y) => x + y));
}

/** `a` and `b` together as a lower bound: what one of them does not know is left out. */
export function plusKnown(a: TokenUsage, b: TokenUsage): TokenUsage {
  return perKind((kind) => (a[kind] === null ? b[kind] : a[kind] + (b[kind] ?? 0)));
}

/** `total` without `earlier`; null when that is no count, because the counter began anew. */
export function minus(total: TokenUsage, earlier: TokenUsage): TokenUsage | null {
  const rest = perKind((kind) => both(total[kind], earlier[kind], (x, y) => x - y));
  return KINDS.some((kind) => (rest[kind] ?? 0) < 0) ? null : rest;
}

/** Whether every kind that both know is the same. */
export function agrees(a: TokenUsage, b: TokenUsage): boolean {
  return KINDS.every((kind) => a[kind] === null || b[kind] === null || a[kind] === b[kind]);
}

/** `usage`, or null when it says nothing at all. */
export function orNothing(usage: TokenUsage | null): TokenUsage | null {
  return usage === null || KINDS.every((kind) => usage[kind] === null) ? null : usage;
}

/** Dollars as printed in millionths. */
export function microUsd(dollars: number | null): number | null {
  return dollars === null ? null : Math.round(dollars * 1_000_000);
}

/** `output` and the reasoning inside it, told apart; an unknown share of reasoning stays inside. */
export function splitReasoning(
  output: number | null,
  reasoning: number | null,
): Pick<TokenUsage, 'output' | 'reasoning'> {
  return { output: output === null || reasoning === null ? output : output - reasoning, reasoning };
}

/** `input` without the parts of it that are told apart. */
export function withoutParts(input: number | null, ...parts: readonly (number | null)[]): number | null {
  return input === null
    ? null
    : Math.max(
        0,
        parts.reduce<number>((rest, part) => rest - (part ?? 0), input),
      );
}

/** This run's share of a counter that goes on over the runs of a session; null: it cannot be told. */
export function shareOf(total: SessionTotal, previous: SessionTotal | 'unknown' | null): SessionTotal | null {
  if (previous === 'unknown') {
    return null;
  }
  if (previous === null) {
    return total;
  }
  const usage = minus(total.usage, previous.usage);
  const cost = both(total.costMicroUsd, previous.costMicroUsd, (x, y) => x - y);
  return usage === null ? null : { usage, costMicroUsd: cost !== null && cost < 0 ? null : cost };
}

/** Where a counter that goes on stood before this run; null: unknown. */
export function standing(previous: SessionTotal | 'unknown' | null): SessionTotal | null {
  return previous === 'unknown' ? null : (previous ?? { usage: ZERO_USAGE, costMicroUsd: 0 });
}

function perKind(count: (kind: (typeof KINDS)[number]) => number | null): TokenUsage {
  return {
    input: count('input'),
    cacheRead: count('cacheRead'),
    cacheWrite: count('cacheWrite'),
    output: count('output'),
    reasoning: count('reasoning'),
  };
}

function both(a: number | null, b: number | null, join: (x: number, y: number) => number): number | null {
  return a === null || b === null ? null : join(a, b);
}
