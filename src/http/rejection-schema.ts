// Checks a RejectionReason that arrives from outside, and writes its JSON Schema for whoever reads our answers elsewhere.

import * as z from 'zod';
import type { RejectionReason } from '../core/trace/rejection.ts';

const compared = {
  code: z.string().min(1).describe('stable; for example slots.project'),
  numbers: z.record(z.string(), z.number()).describe('what was compared, by name'),
  retryAt: z.number().nullable().describe('epoch ms from which asking again may help; null: nobody knows'),
};

const limit = z
  .object({ kind: z.enum(['tenant_limit', 'capacity_limit']), ...compared, sentence: z.string().optional() })
  .describe("a project's own share is used up, or the factory has no room");

const other = z
  .object({ kind: z.literal('other'), ...compared, sentence: z.string() })
  .describe('something that is no limit: a pause, a breaker, a missed slot');

const rejection = z.union([limit, other]);

/** Whether `value` has the shape of a RejectionReason; its code may be newer than we are. */
export function isRejectionReason(value: unknown): value is RejectionReason {
  return rejection.safeParse(value).success;
}

/** The JSON Schema of RejectionReason; committed as rejection-reason.schema.json. */
export function rejectionJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(rejection, { target: 'draft-7' }), title: 'RejectionReason of Dark Factory' };
}
