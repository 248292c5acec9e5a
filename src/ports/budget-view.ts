// A budget as `adf budget` shows it.

import type { Amounts, BudgetLimits } from '../core/budget/budget.ts';

/** One budget in its present window. Instants are epoch ms. */
export interface BudgetView {
  readonly key: string;
  readonly window: 'month' | 'day' | 'hour';
  readonly from: number;
  readonly until: number;
  readonly state: 'free' | 'near' | 'spent';
  /** Ended runs and those under way. */
  readonly used: Amounts;
  /** The part of the money, all of which is list price, that subscriptions cover: nobody is billed for it. */
  readonly subscriptionMicroUsd: number;
  readonly limits: BudgetLimits;
  /** Runs of which no price, or no tokens, are known: the figures above are without them. */
  readonly unpricedRuns: number;
  readonly uncountedRuns: number;
  readonly override: {
    readonly factor: number;
    readonly until: number;
    readonly by: string;
    readonly reason: string;
  } | null;
}

/** What `adf budget override` asks for. `forMs`: from now on. */
export interface OverrideWish {
  readonly key: string;
  readonly factor: number;
  readonly forMs: number;
  readonly by: string;
  readonly reason: string;
}
