// Decides what becomes of an attempt that was open when the daemon died.

import type { Outcome } from '../run/outcome.ts';
import type { Attempt } from '../run/run.ts';

/** What the host found: see the port's Adoption. */
export type Found = 'held' | 'watched' | 'ended' | 'gone' | 'never_started';

/** Go on with it, end it as lost, or treat it as never begun (asked for again once). */
export type RecoveryVerdict =
  | { readonly kind: 'adopt' }
  | { readonly kind: 'never_started' }
  | { readonly kind: 'lost'; readonly outcome: Extract<Outcome, { kind: 'lost' }> };

/** The verdict on `attempt`, still open after every event of the host has been taken; `bootId` is this boot's. */
export function recover(attempt: Pick<Attempt, 'bootId' | 'state'>, found: Found, bootId: string): RecoveryVerdict {
  if (attempt.bootId !== bootId) {
    return { kind: 'lost', outcome: { kind: 'lost', cause: 'reboot', reason: 'the host was rebooted while it ran' } };
  }
  switch (found) {
    case 'held':
    case 'watched':
    case 'ended':
      return { kind: 'adopt' };
    case 'never_started':
      return { kind: 'never_started' };
    case 'gone':
      return {
        kind: 'lost',
        outcome: {
          kind: 'lost',
          cause: 'keeper_died',
          reason: 'it ended while nobody watched: its exit status is unknown',
        },
      };
  }
}
