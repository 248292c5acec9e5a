// Knows which stops are somebody's wish, and the outcome of a run that ended by one.

import type { CanceledBy, Outcome } from '../run/outcome.ts';
import type { StopReason } from './stop-plan.ts';

/** A stop that a person or the house asked for; all others are limits and the agent's own doing. */
export type StopWish = Extract<StopReason, { readonly kind: CanceledBy }>;

const BECAUSE: Readonly<Record<Exclude<CanceledBy, 'operator'>, string>> = {
  drain: 'the factory drained',
  shutdown: 'the factory was stopped',
  replaced: 'the next slot replaced it',
  paused: 'the project was paused (pause_stops_running)',
  removed: 'no longer wanted by agents.toml',
  redefined: 'agents.toml defines it differently now',
};

/** Whether `reason` is a wish: then the run is over, whether the process was met by it or ended before. */
export function isWish(reason: StopReason | null): reason is StopWish {
  return reason !== null && (reason.kind === 'operator' || reason.kind in BECAUSE);
}

/** How a run ends that `wish` ended. */
export function canceled(wish: StopWish): Extract<Outcome, { readonly kind: 'canceled' }> {
  return wish.kind === 'operator'
    ? { kind: 'canceled', by: 'operator', reason: wish.note }
    : { kind: 'canceled', by: wish.kind, reason: BECAUSE[wish.kind] };
}
