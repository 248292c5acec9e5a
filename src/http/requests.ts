// What the control socket takes: every body and query, with a bound on each part.

import { z } from 'zod';
import { MOST_ATTEMPTS } from '../core/reconcile/attempts.ts';
import { MAX_ALERTS, MAX_ARGS, MAX_ARG_CHARS, MAX_DATA_CHARS, MAX_NEXT_MS } from './contract.ts';
import { MAX_PAST_FACTS, MAX_REPLY_CHARS, MAX_RUNS, MAX_TASK_CHARS } from './contract.ts';

const name = z.string().min(1).max(200);
const by = z.string().min(1).max(200);

/** Chosen by the caller: the same key again is the same request, so that a lost reply can be asked for again. */
const key = z
  .string({ error: 'an idempotency key is required: the same key again is the same request' })
  .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 printable ASCII characters without spaces');

const count = (limit: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .transform(Number)
    .refine((value) => value <= limit, `at most ${limit}`);

/** `POST /agents/:name/runs` */
export const runBody = z.strictObject({
  key,
  task: z.string().max(MAX_TASK_CHARS).exactOptional(),
  args: z.array(z.string().max(MAX_ARG_CHARS)).max(MAX_ARGS).readonly().exactOptional(),
  session: z.strictObject({ kind: z.enum(['resume', 'fork']), run: name }).exactOptional(),
});

/** `POST /events/:event` */
export const eventBody = z.strictObject({
  key,
  project: name.exactOptional(),
  data: z.string().max(MAX_DATA_CHARS).exactOptional(),
});

/** `POST /runs/:run/retry` */
export const retryBody = z.strictObject({ key });

/** Every body that says nothing but who asks. */
export const byBody = z.strictObject({ by });

const hash = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/** `POST /factory/apply`; of a saved plan only what it is known by is asked for. */
export const applyBody = z.strictObject({
  by,
  maxAttempts: z.int().min(1).max(MOST_ATTEMPTS),
  plan: z.strictObject({ configHash: hash, observedHash: hash, id: hash }).nullable(),
});

/** `POST /factory/drain` */
export const drainBody = z.strictObject({ by, end: z.boolean() });

/** `POST /breakers/:project/…` */
export const breakerBody = z.strictObject({ by, reason: z.string().max(1000) });

/** `POST /alerts/:alert/reply` */
export const replyBody = z.strictObject({ by, text: z.string().trim().min(1).max(MAX_REPLY_CHARS) });

/** `POST /alerts/:alert/move` */
export const moveBody = z.strictObject({
  by,
  move: z.enum(['ack', 'dismiss', 'resolve']),
  reason: z.string().max(1000),
});

/** `POST /alerts/:alert/fix`; 0: the newest suggestion. */
export const fixBody = z.strictObject({ by, suggestion: z.int().min(0).max(10_000) });

/** `GET /alerts` */
export const alertsQuery = z.object({ all: z.enum(['true', 'false']), limit: count(MAX_ALERTS) });

/** `POST /budgets/override` */
export const overrideBody = z.strictObject({
  key: name,
  factor: z.number().min(1).max(100),
  forMs: z.number().int().positive().max(MAX_NEXT_MS),
  by,
  reason: z.string().min(1).max(1000),
});

/** `GET /runs` */
export const runsQuery = z.object({
  agent: name.exactOptional(),
  project: name.exactOptional(),
  state: name.exactOptional(),
  outcome: name.exactOptional(),
  limit: count(MAX_RUNS),
});

/** `GET /runs/:run/logs` */
export const logsQuery = z.object({ from: count(Number.MAX_SAFE_INTEGER), stream: z.enum(['out', 'err']) });

/** `GET /factory/next` */
export const nextQuery = z.object({ forMs: count(MAX_NEXT_MS) });

/** `GET /facts`: `last` facts of the past, then, with `follow`, those to come. */
export const factsQuery = z.object({ last: count(MAX_PAST_FACTS), follow: z.enum(['true', 'false']) });
