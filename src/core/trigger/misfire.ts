// Decides which of the slots that came due since the last pass run, and why each of the others does not.

import type { MisfirePolicy } from '../fleet.ts';
import { reason } from '../admission/reasons.ts';
import type { Reason } from '../admission/reasons.ts';
import type { Schedule } from './schedule-fields.ts';
import { countSlots, newestSlotsIn, slotsIn } from './schedule.ts';
import type { SlotRange } from './schedule.ts';
import type { Zone } from './zone.ts';

/** Passes come at least this often: a slot no later than this is on time, whatever the policy. */
export const ON_TIME_MS = 15_000;

/** The most slots of one agent that run out of one pass: the newest. */
export const RUNS_PER_PASS = 5;

/** Distance between the starts of a `run_all` catch-up. */
export const CATCH_UP_SPACING_MS = 5_000;

/** Why slots may have been missed: the factory was down, or the wall clock was set forward over them; null: neither. */
export type MissCause = 'missed.down' | 'missed.clock_step' | null;

/** An agent's rule for missed slots, and its schedule. */
export interface MisfireRule {
  readonly schedule: Schedule;
  readonly zone: Zone;
  readonly misfire: { readonly policy: MisfirePolicy; readonly lateOkMs: number };
}

/** A slot that runs; `delayMs` from now for a catch-up that is spaced. */
export interface SlotRun {
  readonly at: number;
  readonly delayMs: number;
  /** `run_once` or `run_all` brings it back: it is counted from now, however late it is. */
  readonly isCatchUp: boolean;
}

/** Slots from `from` to `to` (both slots) that do not run. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly reason: Reason;
}

/** Every slot of the range is either one of `runs` or counted in exactly one of `stretches`. */
export interface MisfirePlan {
  readonly runs: readonly SlotRun[];
  readonly stretches: readonly Stretch[];
}

/**
 * Decides the slots of (range.afterMs, range.untilMs], where untilMs is now.
 *
 * - A slot at most 15 s late is on time and runs.
 * - `skip`: with none on time, the newest slot runs if it is at most `lateOkMs` late: it stands for the older ones.
 * - `run_once`: with none on time, the newest slot runs, however late.
 * - `run_all`: the newest five run, those not on time 5 s apart.
 * - Never more than five; what is over is `missed.cap`.
 * - The others take the cause (`missed.down`, `missed.clock_step`); without one they are `late`, or `superseded` where they
 *   would have run but for a newer one. One day down, hourly, `skip`, up again at 10:03: the slot of 10:00 runs, 23 are one stretch.
 */
export function planMisfire(rule: MisfireRule, range: SlotRange, cause: MissCause): MisfirePlan {
  const { schedule, zone } = rule;
  const newest = newestSlotsIn(schedule, zone, { ...range, cap: RUNS_PER_PASS });
  const running = chooseRuns(rule, newest, range.untilMs);
  const runs = running.map((at, index) => {
    const isCatchUp = rule.misfire.policy !== 'skip' && !isOnTime(at, range.untilMs);
    return { at, isCatchUp, delayMs: isCatchUp ? index * CATCH_UP_SPACING_MS : 0 };
  });
  if (newest.length < RUNS_PER_PASS && running.length === newest.length) {
    return { runs, stretches: [] };
  }
  const missedUntil = (running[0] ?? range.untilMs + 1) - 1;
  return { runs, stretches: stretchesOf(rule, { ...range, missedUntil }, cause) };
}

/** The slots that run: always the newest of the range, without a hole. */
function chooseRuns({ misfire }: MisfireRule, newest: readonly number[], nowMs: number): readonly number[] {
  if (misfire.policy === 'run_all') {
    return newest;
  }
  const onTime = newest.filter((slot) => isOnTime(slot, nowMs));
  const last = newest.at(-1);
  if (onTime.length > 0 || last === undefined) {
    return onTime;
  }
  return misfire.policy === 'run_once' || nowMs - last <= misfire.lateOkMs ? [last] : [];
}

function isOnTime(slot: number, nowMs: number): boolean {
  return nowMs - slot <= ON_TIME_MS;
}

/** Cuts the missed slots, oldest first, where their reason changes, and counts each part. */
function stretchesOf(
  rule: MisfireRule,
  range: SlotRange & { readonly missedUntil: number },
  cause: MissCause,
): readonly Stretch[] {
  const { misfire, schedule, zone } = rule;
  const onTimeFrom = range.untilMs - ON_TIME_MS;
  const lateUntil = Math.min(range.untilMs - misfire.lateOkMs, onTimeFrom) - 1;
  const parts: readonly (readonly [number, MissCode])[] =
    misfire.policy === 'run_all'
      ? [[range.missedUntil, 'missed.cap']]
      : [
          [lateUntil, cause ?? (misfire.policy === 'run_once' ? 'superseded' : 'late')],
          [onTimeFrom - 1, cause ?? 'superseded'],
          [range.missedUntil, 'missed.cap'],
        ];
  const stretches: Stretch[] = [];
  let afterMs = range.afterMs;
  for (const [index, [end, code]] of parts.entries()) {
    if (parts[index + 1]?.[1] === code) {
      continue;
    }
    const part = { afterMs, untilMs: Math.min(end, range.missedUntil) };
    const count = part.untilMs > part.afterMs ? countSlots(schedule, zone, part) : 0;
    if (count > 0) {
      const from = slotsIn(schedule, zone, { ...part, cap: 1 })[0] ?? part.untilMs;
      const to = newestSlotsIn(schedule, zone, { ...part, cap: 1 })[0] ?? part.untilMs;
      stretches.push({ from, to, count, reason: reasonOf(code, rule, { from, to, nowMs: range.untilMs }) });
    }
    afterMs = Math.max(afterMs, part.untilMs);
  }
  return stretches;
}

type MissCode = 'missed.down' | 'missed.clock_step' | 'missed.cap' | 'late' | 'superseded';

function reasonOf(
  code: MissCode,
  { misfire }: MisfireRule,
  at: { readonly from: number; readonly to: number; readonly nowMs: number },
): Reason {
  const lateMs = at.nowMs - at.to;
  switch (code) {
    case 'missed.down':
      return reason(code, `came due while the factory was down (misfire = "${misfire.policy}")`, { lateMs });
    case 'missed.clock_step':
      return reason(code, `the wall clock was set forward over it (misfire = "${misfire.policy}")`, { lateMs });
    case 'missed.cap':
      return reason(code, 'more slots came due at once than may run', { limit: RUNS_PER_PASS });
    case 'late':
      return reason(code, 'seen later than late_ok', { lateMs, limitMs: misfire.lateOkMs });
    case 'superseded':
      return reason(code, 'the next slot came due before this one could run', { lateMs });
  }
}
