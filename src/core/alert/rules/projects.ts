// What the rules say of projects: a breaker that holds one, a pause flag that cannot be written, a budget that is nearly spent.

import type { Sign } from '../alert.ts';
import { MAX_ALERT_RUNS, subjectText } from '../alert.ts';
import type { BreakerPicture, BudgetPicture, Picture } from '../picture.ts';

/** A budget is well again below its limit by so many percent. */
const BUDGET_BACK_PERCENT = 5;
const MICRO_USD = 1_000_000;

/** Signs of every breaker and budget. */
export function projectSigns({ breakers, budgets, settings }: Picture): readonly Sign[] {
  return [
    ...breakers.flatMap((breaker) => [...open(breaker), ...unwritable(breaker)]),
    ...(budgets ?? []).flatMap((budget) => near(budget, settings.budgetPercent)),
  ];
}

function open(breaker: BreakerPicture): readonly Sign[] {
  const { project, state, reason } = breaker;
  if (state === 'closed') {
    return [];
  }
  return [
    {
      rule: 'breaker_open',
      subject: { kind: 'project', name: project },
      severity: 'critical',
      // Half open it may close or trip within one run: neither is told before it is known.
      level: state === 'half_open' ? 'between' : 'over',
      text: `project ${project} is ${state === 'isolated' ? 'isolated' : 'paused by its breaker'}: ${reason}`,
      numbers: {},
      command: `adf breaker show ${project}`,
      runs: breaker.runs.slice(0, MAX_ALERT_RUNS),
    },
  ];
}

function unwritable({ project, flagError }: BreakerPicture): readonly Sign[] {
  if (flagError === null) {
    return [];
  }
  return [
    {
      rule: 'flag_unwritable',
      subject: { kind: 'project', name: project },
      severity: 'warning',
      level: 'over',
      text: `the pause flag of ${project} cannot be written, the breaker holds it all the same: ${flagError}`,
      numbers: {},
      command: 'adf doctor',
      runs: [],
    },
  ];
}

function near({ subject, spent, limit, window }: BudgetPicture, percent: number): readonly Sign[] {
  const used = limit === 0 ? 100 : (spent / limit) * 100;
  if (used < percent - BUDGET_BACK_PERCENT) {
    return [];
  }
  return [
    {
      rule: 'budget_near',
      subject,
      severity: used >= 100 ? 'critical' : 'warning',
      level: used >= percent ? 'over' : 'between',
      text: `${subjectText(subject)} has spent ${usd(spent)} of ${usd(limit)} ${window}`,
      numbers: { spentMicroUsd: spent, limitMicroUsd: limit },
      command: 'adf status',
      runs: [],
    },
  ];
}

function usd(micro: number): string {
  return `$${(micro / MICRO_USD).toFixed(2)}`;
}
