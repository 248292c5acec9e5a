// Decides whether a run gets another attempt, when, and with which session.

import type { RetryRule } from '../fleet.ts';
import { endingOf, treatmentOf } from '../run/failure-class.ts';
import type { Ending, Treatment } from '../run/failure-class.ts';
import type { Outcome } from '../run/outcome.ts';

/** Longest wait between two attempts unless the agent's own `retry.cap` says otherwise. */
export const RETRY_CAP_MS = 300_000;

/** Longest `retry-after` that is believed; a provider that asks for more has the account held, not one run waiting. */
export const RETRY_AFTER_CAP_MS = 86_400_000;

/** Share of the wait by which chance moves it, either way. */
const JITTER = 0.25;

/** What the decision depends on besides the outcome. */
export interface RetryInput {
  /** `retry` of the agent; null: the defaults of the table of classes. */
  readonly rule: RetryRule | null;
  /** Name of the driver: `exec` has no default, because nobody knows whether its program may run twice. */
  readonly driver: string;
  /** Attempts made, the one that ended included. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly now: number;
  /** In [0, 1). */
  readonly chance: number;
  /** What the provider asked for; null: nothing. */
  readonly retryAfterMs: number | null;
}

/** Another attempt of the same run, or none. */
export type RetryDecision =
  | { readonly kind: 'retry'; readonly at: number; readonly session: 'resume' | 'fresh'; readonly reason: string }
  | { readonly kind: 'no'; readonly reason: string };

/** Whether `outcome` is followed by another attempt. Example: second try after `rate`, chance 0.5: in 20 s. */
export function retryDecision(outcome: Outcome, input: RetryInput): RetryDecision {
  const ending = endingOf(outcome);
  const treatment = treatmentOf(ending);
  const plan = planOf(ending, treatment, input);
  if (typeof plan === 'string') {
    return { kind: 'no', reason: plan };
  }
  if (input.attempts > plan.max) {
    return { kind: 'no', reason: `${ending}: ${input.attempts} of ${plan.max + 1} attempts made` };
  }
  const growing = plan.firstMs * 2 ** Math.min(input.attempts - 1, 30);
  const own = Math.min(growing, plan.capMs) * (1 + (input.chance * 2 - 1) * JITTER);
  const asked = Math.min(input.retryAfterMs ?? 0, RETRY_AFTER_CAP_MS);
  const waitMs = Math.round(Math.max(own, asked));
  return {
    kind: 'retry',
    at: input.now + waitMs,
    session: treatment.retry?.session ?? 'fresh',
    reason: `${ending}: attempt ${input.attempts + 1} of ${plan.max + 1}${asked > own ? ', as late as the provider asked' : ''}`,
  };
}

interface RetryPlan {
  readonly max: number;
  readonly firstMs: number;
  readonly capMs: number;
}

/** Endings that a second try cannot change: a person has to, or the account's time. */
const HOPELESS: ReadonlySet<Ending> = new Set(['auth', 'billing', 'quota', 'setup', 'missing_program']);

/** Endings that are no failed attempt: done, not wanted any more, or perhaps done without a witness. */
const OVER: ReadonlySet<Ending> = new Set(['succeeded', 'canceled', 'refused', 'lost']);

function planOf(ending: Ending, treatment: Treatment, input: RetryInput): RetryPlan | string {
  const { rule } = input;
  if (OVER.has(ending)) {
    return `${ending} is not retried`;
  }
  if (HOPELESS.has(ending)) {
    return `${ending}: a second try would end the same`;
  }
  if (rule !== null) {
    return { max: rule.max, firstMs: rule.backoffMs, capMs: rule.capMs };
  }
  if (input.driver === 'exec') {
    return 'a program is not retried unless retry.max is set';
  }
  return treatment.retry === null
    ? `${ending} is not retried unless retry.max is set`
    : { max: treatment.retry.max, firstMs: treatment.retry.firstMs, capMs: RETRY_CAP_MS };
}
