// Decides what a running attempt is waited for next, and when silence has lasted too long.

import type { StopReason } from './stop-plan.ts';

/** How long after its own last word a CLI may take to exit. */
export const EXIT_AFTER_FINISH_MS = 10_000;

/** How much silence is allowed; null: any. */
export interface SilenceRules {
  readonly firstOutputMs: number | null;
  readonly idleMs: number | null;
  readonly idleWithToolMs: number | null;
}

/** What has been seen of an attempt; instants in ms of the monotonic clock. */
export interface Signs {
  readonly startedAt: number;
  /** The last byte of output; null: none yet. */
  readonly lastOutputAt: number | null;
  readonly toolOpen: boolean;
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
  if (signs.lastOutputAt === null) {
    const limitMs = rules.firstOutputMs ?? rules.idleMs;
    if (limitMs === null) {
      return { kind: 'look', at: null };
    }
    const at = signs.startedAt + limitMs;
    return now >= at ? { kind: 'stop', reason: { kind: 'first_output', limitMs } } : { kind: 'look', at };
  }
  const limitMs = signs.toolOpen ? (rules.idleWithToolMs ?? rules.idleMs) : rules.idleMs;
  if (limitMs === null) {
    return { kind: 'look', at: null };
  }
  const at = signs.lastOutputAt + limitMs;
  return now >= at
    ? { kind: 'stop', reason: { kind: 'stall', silentMs: now - signs.lastOutputAt, limitMs } }
    : { kind: 'look', at };
}
