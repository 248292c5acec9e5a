// Decides whether a budget allows another run, or the one that goes on: what was used, what is reserved, what is allowed.

import { formatDuration } from '../../lib/duration.ts';
import type { Spend, SpendScope } from './spend.ts';
import type { BudgetWindow } from './window.ts';

/** What is limited; null: not limited. */
export interface BudgetLimits {
  /** By the list, in millionths of a dollar. */
  readonly microUsd: number | null;
  readonly tokens: number | null;
  readonly runs: number | null;
  readonly busyMs: number | null;
}

/** One `[[budgets]]` entry, or the `budget_monthly_cents` of an agent. */
export interface Budget {
  /** `agent web/steward month`: unique, and what an override names. */
  readonly key: string;
  readonly scope: SpendScope;
  readonly window: BudgetWindow;
  readonly limits: BudgetLimits;
}

/** What an operator allows beyond a budget for a while. */
export interface Override {
  readonly version: 1;
  readonly factor: number;
  /** Epoch ms. */
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

/** Most that an override may multiply by, and the longest that it may hold. */
export const MOST_FACTOR = 3;
export const LONGEST_OVERRIDE_MS = 48 * 3_600_000;

/** Share of a limit from which a budget is near. */
const NEAR = 0.8;

const UNITS = ['microUsd', 'tokens', 'runs', 'busyMs'] as const;

/** What is limited. */
export type BudgetUnit = (typeof UNITS)[number];

/** One limit of a budget and how much of it is taken. */
export interface Gauge {
  readonly unit: BudgetUnit;
  readonly used: number;
  /** For runs that are under way, and the one that asks. */
  readonly reserved: number;
  readonly limit: number;
}

/** How a budget stands: `near` from 80 %, `spent` from 100 %, `full` when only the reservation goes over it. */
export interface BudgetStand {
  readonly kind: 'free' | 'near' | 'full' | 'spent';
  /** The limit of which most is taken; null: nothing is limited. */
  readonly gauge: Gauge | null;
}

/** Amounts by unit. */
export type Amounts = Readonly<Record<BudgetUnit, number>>;

/** Nothing. */
export const NO_AMOUNTS: Amounts = { microUsd: 0, tokens: 0, runs: 0, busyMs: 0 };

/**
 * How `budget` stands with `used` spent and `reserved` promised. A limit that is reached exactly is spent.
 * Example: limit 100 ¢, override ×2: 160 ¢ used are near, 200 ¢ are spent.
 */
export function standOf(
  budget: Budget,
  amounts: { readonly used: Amounts; readonly reserved: Amounts },
  factor = 1,
): BudgetStand {
  const gauges = UNITS.flatMap((unit): readonly Gauge[] => {
    const limit = budget.limits[unit];
    return limit === null
      ? []
      : [{ unit, used: amounts.used[unit], reserved: amounts.reserved[unit], limit: Math.floor(limit * factor) }];
  });
  const [fullest = null] = gauges.toSorted((a, b) => share(b) - share(a));
  if (fullest === null) {
    return { kind: 'free', gauge: null };
  }
  if (gauges.some(({ used, limit }) => used >= limit)) {
    return { kind: 'spent', gauge: gauges.find(({ used, limit }) => used >= limit) ?? fullest };
  }
  if (share(fullest) > 1) {
    return { kind: 'full', gauge: fullest };
  }
  return { kind: fullest.used >= fullest.limit * NEAR ? 'near' : 'free', gauge: fullest };
}

/** A sum of ended attempts as amounts. What has no price is no money, and counts by its tokens, its run and its time. */
export function amountsOf(spend: Spend): Amounts {
  return { microUsd: spend.microUsd, tokens: spend.tokens, runs: spend.runs, busyMs: spend.busyMs };
}

/** Both together. */
export function plusAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    microUsd: a.microUsd + b.microUsd,
    tokens: a.tokens + b.tokens,
    runs: a.runs + b.runs,
    busyMs: a.busyMs + b.busyMs,
  };
}

/** `$4.98 used, $0.10 reserved, limit $5.00`. */
export function gaugeInWords({ unit, used, reserved, limit }: Gauge): string {
  const parts = [`${amountInWords(unit, used)} used`];
  if (reserved > 0) {
    parts.push(`${amountInWords(unit, reserved)} reserved`);
  }
  return [...parts, `limit ${amountInWords(unit, limit)}`].join(', ');
}

/** One amount for people. */
export function amountInWords(unit: BudgetUnit, amount: number): string {
  switch (unit) {
    case 'microUsd':
      return `$${(amount / 1_000_000).toFixed(amount > 0 && amount < 10_000 ? 4 : 2)}`;
    case 'tokens':
      return `${amount} tokens`;
    case 'runs':
      return `${amount} ${amount === 1 ? 'run' : 'runs'}`;
    case 'busyMs':
      return formatDuration(amount);
  }
}

function share({ used, reserved, limit }: Gauge): number {
  return limit === 0 ? Number.POSITIVE_INFINITY : (used + reserved) / limit;
}
