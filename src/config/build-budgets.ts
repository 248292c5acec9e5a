// Makes budgets out of checked `[[budgets]]` tables, and one of each agent's `budget_monthly_cents`.

import type { Budget } from '../core/budget/budget.ts';
import type { SpendScope } from '../core/budget/spend.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { Entry } from './collect.ts';
import type { BudgetInput } from './schema/budget.ts';

const MICRO_USD_PER_CENT = 10_000;

/** The budgets of `entries`, which must hold no error, and those of `agents`. */
export function buildBudgets(
  entries: readonly Entry<BudgetInput>[],
  agents: readonly AgentDefinition[],
): readonly Budget[] {
  return [
    ...entries.map(({ values }) => buildBudget(values as BudgetInput)),
    ...agents.flatMap(({ key, budgetMonthlyCents }) =>
      budgetMonthlyCents === null ? [] : monthly(key, budgetMonthlyCents),
    ),
  ];
}

function monthly(agent: string, cents: number): Budget {
  return {
    key: `agent ${agent} monthly cents`,
    scope: { kind: 'agent', name: agent },
    window: 'month',
    limits: { microUsd: cents * MICRO_USD_PER_CENT, tokens: null, runs: null, busyMs: null },
  };
}

function buildBudget(values: BudgetInput): Budget {
  const scope: SpendScope =
    values.scope === 'fleet' ? { kind: 'fleet' } : { kind: values.scope, name: values.name ?? '' };
  return {
    key: [values.scope, ...(scope.kind === 'fleet' ? [] : [scope.name]), values.window].join(' '),
    scope,
    window: values.window,
    limits: {
      microUsd: values.cents === undefined ? null : values.cents * MICRO_USD_PER_CENT,
      tokens: values.tokens ?? null,
      runs: values.runs ?? null,
      busyMs: values.busy ?? null,
    },
  };
}
