// Decides what a running attempt is waited for next, and when silence has lasted too long.

import type { Liveness } from './liveness.ts';
import { PROOF_MS } from './liveness.ts';
import type { StopReason } from './stop-plan.ts';

/** How long after its own last word a CLI may take to exit. */
export const EXIT_AFTER_FINISH_MS = 10_000;

/** How much silence is allowed; null: any. */
export interface SilenceRules {
  readonly firstOutputMs: number | null;
  readonly idleMs: number | null;
  readonly idleWithToolMs: number | null;
  /** Silence in which its processes compute may last this long; null: nothing excuses silence, its limit is the operator's own. */
  readonly busyMs: number | null;
  /** Whoever is parked is stopped; false: a program of the operator's may wait for whatever it likes. */
  readonly stopsParked: boolean;
}

/** What has been seen of an attempt; instants in ms of the monotonic clock. */
export interface Signs {
  readonly startedAt: number;
  /** The last byte of output; null: none yet. */
  readonly lastOutputAt: number | null;
  readonly toolOpen: boolean;
  /** What its processes do while it is silent. */
  readonly liveness: Liveness;
  /** Why it is parked beyond doubt; null: it is not. */
  readonly parked: string | null;
  /** The CLI said that it is finished. */
  readonly finishedAt: number | null;
  /** The driver wants it stopped. */
  readonly advice: string | null;
}

/** Stop now, or look again at `at` (monotonic ms); null: nothing to wait for but the end. */
export type Deadline =
  | { readonly kind: 'stop'; readonly reason: StopReason }
  | { readonly kind: 'look'; readonly at: number | null };

/** What to do at `now`. */
export function deadline(signs: Signs, rules: SilenceRules, now: number): Deadline {
  if (signs.advice !== null) {
    return { kind: 'stop', reason: { kind: 'driver', advice: signs.advice } };
  }
  if (signs.finishedAt !== null) {
    const at = signs.finishedAt + EXIT_AFTER_FINISH_MS;
    return now >= at
      ? { kind: 'stop', reason: { kind: 'finished', note: 'it reported its end and did not exit' } }
      : { kind: 'look', at };
  }
  if (signs.parked !== null && rules.stopsParked) {
    return { kind: 'stop', reason: { kind: 'parked', note: signs.parked } };
  }
  const limitMs = silenceLimit(signs, rules);
  const since = signs.lastOutputAt ?? signs.startedAt;
  if (limitMs === null) {
    return { kind: 'look', at: null };
  }
  if (now < since + limitMs) {
    return { kind: 'look', at: since + limitMs };
  }
  // Silence alone is one proof. A tree that computes works; of one that nobody can look at nothing is known.
  if (rules.busyMs !== null && signs.liveness !== 'idle' && now < since + rules.busyMs) {
    return { kind: 'look', at: Math.min(now + PROOF_MS, since + rules.busyMs) };
  }
  return {
    kind: 'stop',
    reason:
      signs.lastOutputAt === null
        ? { kind: 'first_output', limitMs }
        : { kind: 'stall', silentMs: now - since, limitMs },
  };
}

/** How long it may be silent now; null: for ever. */
export function silenceLimit(signs: Pick<Signs, 'lastOutputAt' | 'toolOpen'>, rules: SilenceRules): number | null {
  if (signs.lastOutputAt === null) {
    return rules.firstOutputMs ?? rules.idleMs;
  }
  return signs.toolOpen ? (rules.idleWithToolMs ?? rules.idleMs) : rules.idleMs;
}
