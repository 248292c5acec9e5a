// Decides after each attempt whether to try again, and what to answer when all of them are used up.

/** Attempts by default. */
export const DEFAULT_ATTEMPTS = 3;
/** Attempts at most: all of them together answer before a client gives up on a silent daemon (30 s). */
export const MOST_ATTEMPTS = 5;
/** Pause after an attempt that could not be made at all. */
export const RETRY_PAUSE_MS = 2000;

/** How one attempt ended. */
export type AttemptEnd =
  /** Everything was done, or there was nothing to do. */
  | { readonly kind: 'converged' }
  /** Some actions were carried out, others failed. */
  | { readonly kind: 'partial' }
  /** It could not be made: nothing is known to have been done. */
  | { readonly kind: 'thrown' }
  /** A guardrail, or a plan that is stale: the same again would be refused again. */
  | { readonly kind: 'refused' };

/** What follows. `throw`: the last error is the answer, since there is no result to tell. */
export type NextStep =
  | { readonly kind: 'again'; readonly pauseMs: number }
  | { readonly kind: 'answer' }
  | { readonly kind: 'throw' };

/** What follows attempt `number` (from 1) of `limit`; `hasResult`: an attempt, this one included, has carried something out. */
export function afterAttempt(
  end: AttemptEnd,
  at: { readonly number: number; readonly limit: number; readonly hasResult: boolean },
): NextStep {
  const isLast = at.number >= at.limit;
  switch (end.kind) {
    case 'converged':
    case 'refused':
      return { kind: 'answer' };
    case 'partial':
      return isLast ? { kind: 'answer' } : { kind: 'again', pauseMs: 0 };
    case 'thrown':
      return isLast ? { kind: at.hasResult ? 'answer' : 'throw' } : { kind: 'again', pauseMs: RETRY_PAUSE_MS };
  }
}

/** The line about an attempt that could not be made. */
export function attemptLine(number: number, message: string): string {
  return `Attempt ${number}: ${message}`;
}
