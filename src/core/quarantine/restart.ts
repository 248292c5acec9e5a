// Decides when a Safety agent that ended is started again, and when it has ended too often to be.

import { OperationalError } from '../../lib/operational-error.ts';
import { endingOf, treatmentOf } from '../run/failure-class.ts';
import type { Outcome } from '../run/outcome.ts';
import type { QuarantineReason } from './reason.ts';

/** Upper end of the first wait; it doubles with every quick end. */
export const RESTART_FIRST_MS = 1000;
/** Upper end of the longest wait. */
export const RESTART_CAP_MS = 60_000;
/** A run that lasted this long was up: the waits begin anew, and its end is not quick. */
export const RESTART_STABLE_MS = 60_000;
/** So many quick ends … */
export const RESTART_LIMIT = 10;
/** … within this time are too many. An agent that dies at once gets there in about two and a half minutes. */
export const RESTART_WINDOW_MS = 600_000;

/** How one Safety agent has been ending. Plain JSON. */
export interface Restarts {
  readonly version: 1;
  /** Quick ends since it was last up. */
  readonly quickEnds: number;
  /** When they were, epoch ms, oldest first, fewer than RESTART_LIMIT. */
  readonly endedAt: readonly number[];
}

/** Start it again at `at` (epoch ms), or hold it. `state` is to be stored in either case. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly at: number; readonly state: Restarts }
  | { readonly kind: 'quarantine'; readonly reason: QuarantineReason; readonly state: Restarts };

/** An agent that has not ended yet; also what a release goes back to. */
export const NO_RESTARTS: Restarts = { version: 1, quickEnds: 0, endedAt: [] };

/**
 * What follows the end of a Safety agent that ran for `ranMs`. Full jitter: the wait is `chance` (in [0, 1)) of a bound that
 * doubles. Example: fourth quick end, chance 0.5: 4 s. A success counts like a failure: always on means that no end is good.
 */
export function restartAfter(
  before: Restarts,
  end: { readonly outcome: Outcome; readonly ranMs: number; readonly now: number; readonly chance: number },
): RestartDecision {
  const { now, chance } = end;
  const quick = end.ranMs < RESTART_STABLE_MS;
  const quickEnds = quick ? before.quickEnds + 1 : 0;
  const recent = before.endedAt.filter((at) => at <= now && at > now - RESTART_WINDOW_MS);
  const endedAt = quick && isItsOwnDoing(end.outcome) ? [...recent, now] : recent;
  if (endedAt.length >= RESTART_LIMIT) {
    const lastEnding = endingOf(end.outcome);
    const reason = {
      kind: 'restarts_too_often',
      ends: endedAt.length,
      windowMs: RESTART_WINDOW_MS,
      lastEnding,
    } as const;
    // Forgotten with the hold: whoever releases it gives it a new beginning.
    return { kind: 'quarantine', reason, state: NO_RESTARTS };
  }
  const bound = Math.min(RESTART_CAP_MS, RESTART_FIRST_MS * 2 ** Math.min(Math.max(0, quickEnds - 1), 30));
  return { kind: 'restart', at: now + Math.floor(chance * bound), state: { version: 1, quickEnds, endedAt } };
}

/** The state in `stored` (a JSON value; null: none yet). Throws OperationalError `restart.unreadable` for a newer version's. */
export function readRestarts(stored: unknown): Restarts {
  if (stored === null || stored === undefined) {
    return NO_RESTARTS;
  }
  if (typeof stored === 'object' && 'version' in stored && stored.version === 1) {
    return stored as Restarts;
  }
  throw new OperationalError(
    'restart.unreadable',
    'the ledger holds a restart state that this version cannot read: start the version that wrote it',
  );
}

// Stopped by us, refused by a gate, lost with the host: the waits grow all the same, but nobody is held for it.
function isItsOwnDoing(outcome: Outcome): boolean {
  const { owner } = treatmentOf(endingOf(outcome));
  return outcome.kind === 'succeeded' || (owner !== 'nobody' && owner !== 'factory');
}
