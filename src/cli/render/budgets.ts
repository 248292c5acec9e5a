// Draws budgets: what was used of each limit, what the figures leave out, and when the window begins anew.

import { amountInWords } from '../../core/budget/budget.ts';
import type { BudgetUnit } from '../../core/budget/budget.ts';
import type { BudgetView } from '../../http/contract.ts';
import { counted } from '../../lib/counted.ts';
import type { Look } from './look.ts';
import type { Tone } from './style.ts';
import { table } from './table.ts';

const TONES: Readonly<Record<BudgetView['state'], Tone>> = { free: 'good', near: 'care', spent: 'bad' };
const UNITS: readonly BudgetUnit[] = ['microUsd', 'tokens', 'runs', 'busyMs'];

/** The table of `adf budget`. */
export function renderBudgets(budgets: readonly BudgetView[], look: Look): readonly string[] {
  if (budgets.length === 0) {
    return ['no budgets; add [[budgets]] to agents.toml: adf explain budgets'];
  }
  const rows = budgets.map((budget) => [
    budget.key,
    { text: budget.state, tone: TONES[budget.state] },
    usedInWords(budget),
    look.times.time(budget.until),
    noteOf(budget, look),
  ]);
  return table(['BUDGET', 'STATE', 'USED', 'ANEW', 'NOTE'], rows, look);
}

function usedInWords({ used, limits }: BudgetView): string {
  return UNITS.flatMap((unit) => {
    const limit = limits[unit];
    return limit === null ? [] : [`${amountInWords(unit, used[unit])} of ${amountInWords(unit, limit)}`];
  }).join(', ');
}

function noteOf(budget: BudgetView, look: Look): string {
  const { key, state, override, unpricedRuns, uncountedRuns, limits, subscriptionMicroUsd: covered } = budget;
  const notes = [
    override === null
      ? null
      : `×${override.factor} until ${look.times.time(override.until)}: ${override.reason} (${override.by})`,
    covered > 0 ? `${amountInWords('microUsd', covered)} of it on subscriptions` : null,
    limits.microUsd !== null && unpricedRuns > 0 ? `${unpricedRuns} runs without a price` : null,
    limits.tokens !== null && uncountedRuns > 0 ? `${counted(uncountedRuns, 'run')} without tokens` : null,
    state === 'spent' && override === null ? `adf budget override "${key}" --factor 2 --for 24h --reason TEXT` : null,
  ];
  return notes.filter((note) => note !== null).join('; ');
}
