// `[guardrails]`: what a changed agents.toml may come to without a person raising a limit.

import * as z from 'zod';

import { optional } from '../key.ts';
import { size, whole } from '../kinds.ts';

/** The table `[guardrails]`. */
export const guardrailsSchema = z.strictObject({
  max_agents: optional(whole(1, 1_000_000), {
    means: 'Agents in the whole fleet at most; adf apply and reload refuse a file with more.',
    default: 'no limit',
    example: '50',
  }),
  max_concurrent: optional(whole(1, 10_000), {
    means: 'Highest max_concurrent_agents that is put into force.',
    default: 'no limit',
    example: '16',
  }),
  max_memory_total: optional(size({ min: '1MiB', max: '1024TiB' }), {
    means: 'Memory of one run of every enabled agent, and of each replica, all together at most.',
    default: 'no limit',
    example: '"64GiB"',
  }),
  max_deletes: optional(whole(0, 1_000_000), {
    means: 'Agents that one apply or reload may delete. A file without agents deletes none, whatever stands here.',
    default: 'half the fleet',
    example: '3',
  }),
});

/** `[guardrails]` after its checks. */
export type GuardrailsInput = z.output<typeof guardrailsSchema>;
