// `[[budgets]]`: what an agent, a project, an account or the whole fleet may use in a window.

import * as z from 'zod';

import { optional, required } from '../key.ts';
import { choice, duration, text, whole } from '../kinds.ts';

/** One entry of `[[budgets]]`. */
export const budgetSchema = z.strictObject({
  scope: required(choice(['fleet', 'project', 'agent', 'provider']), {
    means: 'Whose use is added up.',
    example: '"project"',
  }),
  name: optional(text(), {
    means: 'Which project, agent (project/name) or account; none for the fleet.',
    example: '"web"',
  }),
  window: required(choice(['month', 'day', 'hour']), {
    means: "How long it lasts before it begins anew, on the wall of the factory's time zone.",
    example: '"day"',
  }),
  cents: optional(whole(1, 1_000_000_000, 'US cents'), {
    means: 'List price. Runs without a known price count by the other limits only.',
    example: '2000',
  }),
  tokens: optional(whole(1, 1_000_000_000_000), { means: 'Tokens of all kinds.', example: '50000000' }),
  runs: optional(whole(1, 1_000_000), { means: 'Runs.', example: '100' }),
  busy: optional(duration({ min: '1s', max: '36500d' }), { means: 'Time in which runs are alive.', example: '"20h"' }),
});

/** One budget after its checks. */
export type BudgetInput = z.output<typeof budgetSchema>;
