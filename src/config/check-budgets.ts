// Checks that each budget limits something, of somebody who exists, and that no two budgets or prices have one name.

import { nearestName } from '../lib/nearest.ts';
import type { Entries, Entry } from './collect.ts';
import { didYouMean, quote } from './problem.ts';
import type { BudgetInput } from './schema/budget.ts';

const LIMITS = ['cents', 'tokens', 'runs', 'busy'] as const;

/** Reports every budget that does not fit the fleet. */
export function checkBudgets(entries: Entries): void {
  const seen = new Set<string>();
  for (const budget of entries.budgets) {
    checkName(budget, entries);
    const { scope, name, window } = budget.values;
    if (LIMITS.every((key) => !budget.source.has([...budget.path, key]))) {
      budget.source.error(budget.path, `limits nothing; set ${LIMITS.join(', ')}, or several of them`);
    }
    const key = `${scope ?? ''} ${name ?? ''} ${window ?? ''}`;
    if (seen.has(key)) {
      budget.source.error(budget.path, 'another budget has the same scope, name and window: put their limits together');
    }
    seen.add(key);
  }
}

/** Reports every price of a model that has one already. */
export function checkPrices({ prices }: Entries): void {
  const seen = new Set<string>();
  for (const { values, source, path } of prices) {
    if (values.model !== undefined && seen.has(values.model)) {
      source.error([...path, 'model'], `another price names ${quote(values.model)}, too; remove one of them`);
    }
    seen.add(values.model ?? '');
  }
}

function checkName(budget: Entry<BudgetInput>, entries: Entries): void {
  const { scope, name } = budget.values;
  const path = [...budget.path, 'name'];
  if (scope === 'fleet' && name !== undefined) {
    budget.source.error(path, 'the budget of the fleet has no name; remove it');
  }
  if (scope === undefined || scope === 'fleet') {
    return;
  }
  if (name === undefined) {
    budget.source.error(path, `missing; a budget of scope ${quote(scope)} names whose it is`);
    return;
  }
  const known = knownNames(scope, entries);
  if (known !== null && !known.includes(name)) {
    budget.source.error(path, `unknown ${scope} ${quote(name)}${didYouMean(nearestName(name, known))}`);
  }
}

/** Null: any name may be one; an account is whatever agents call so, or the name of their CLI. */
function knownNames(scope: BudgetInput['scope'], entries: Entries): readonly string[] | null {
  switch (scope) {
    case 'project':
      return entries.projects.flatMap(({ values }) => values.id ?? []);
    case 'agent':
      return entries.agents.flatMap(({ values: { project, name } }) =>
        name === undefined ? [] : [project === undefined ? name : `${project}/${name}`],
      );
    case 'fleet':
    case 'provider':
      return null;
  }
}
