// The keys of an agent that say what it may cost, and how that is known.

import { defaulted, optional } from '../key.ts';
import { flag, whole } from '../kinds.ts';

/** Keys of an agent. */
export const spendingKeys = {
  max_budget_cents: optional(whole(1, 100_000_000, 'US cents'), {
    means: 'What one run may cost, where the agent CLI knows such a limit.',
    example: '200',
  }),
  budget_monthly_cents: optional(whole(0, 1_000_000_000, 'US cents'), {
    means: 'What the agent may cost in a month.',
    example: '5000',
  }),
  subscription: optional(flag(), {
    means:
      'Its account is a plan with a fixed price: list prices of its runs count for budgets, and are billed to nobody.',
    default: 'what the agent CLI says of its login; most say nothing',
    example: 'true',
  }),
  metering: defaulted(flag(), false, {
    means:
      'Its tokens are counted on the way between the agent CLI and its model, by a process beside it, whatever the CLI tells of them.',
    example: 'true',
  }),
};
