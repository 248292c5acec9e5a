// Decides how much further apart the slots of an agent get while its runs change nothing, and when they no longer do.

import type { Outcome } from '../run/outcome.ts';
import type { Schedule } from './schedule-fields.ts';
import { HORIZON_MS, slotsIn } from './schedule.ts';
import type { Zone } from './zone.ts';

/** Runs in a row that must change nothing before anything is done about it. */
export const IDLE_RUNS = 3;
/** Slots are at most this many times as far apart. */
export const MOST_FACTOR = 16;

/** What a run came to: `unknown` where it did not end well, which says nothing about whether there was work. */
export type Effect = 'some' | 'none' | 'unknown';

/** What is remembered of an agent: plain JSON in the ledger. */
export interface Decay {
  readonly version: 1;
  /** Runs in a row that changed nothing, on the same inputs. */
  readonly streak: number;
  /** Slot of the last run; null: it was no slot. Epoch ms. */
  readonly slotAt: number | null;
  /** What that run found: a short name for its task, folder and definition. */
  readonly inputs: string;
}

/** A run as it began. */
export type BegunRun = Pick<Decay, 'slotAt' | 'inputs'>;

/** Why a slot does not run. */
export interface DecayStand {
  readonly streak: number;
  readonly factor: number;
  /** The slot that will run, epoch ms. */
  readonly until: number;
}

/** What `outcome` says of a run's effect. `actions`: its calls of tools that may change something; null: nobody can tell. */
export function effectOf(outcome: Outcome, actions: number | null): Effect {
  if (outcome.kind === 'failed' && outcome.class === 'empty_success') {
    return 'none';
  }
  if (outcome.kind !== 'succeeded') {
    return 'unknown';
  }
  return actions === 0 ? 'none' : 'some';
}

/** What is remembered after `run` of which `effect` came; null: nothing. Other inputs, or another wish than a slot, begin a new streak. */
export function afterRun(before: Decay | null, run: BegunRun, effect: Effect): Decay | null {
  const goesOn = before !== null && run.slotAt !== null && run.inputs === before.inputs;
  switch (effect) {
    case 'some':
      return null;
    case 'none':
      return { version: 1, ...run, streak: goesOn ? before.streak + 1 : 1 };
    case 'unknown':
      return goesOn ? { ...before, slotAt: run.slotAt } : null;
  }
}

/** How many times as far apart the slots are: three idle runs 2, four 4, five 8, six and more 16. */
export function factorOf(streak: number): number {
  return streak < IDLE_RUNS ? 1 : Math.min(MOST_FACTOR, 2 ** (streak - IDLE_RUNS + 1));
}

/**
 * Whether the slot at `slotAt` is one of those left out; null: it runs. Every minute, idle at 10:00 for the third time:
 * 10:01 is left out, 10:02 runs.
 */
export function decayStand(
  decay: Decay,
  rule: { readonly schedule: Schedule; readonly zone: Zone },
  slotAt: number,
): DecayStand | null {
  const factor = factorOf(decay.streak);
  const afterMs = decay.slotAt;
  // A clock that was set back must not silence an agent until it has caught up.
  if (factor === 1 || afterMs === null || slotAt <= afterMs) {
    return null;
  }
  const until = slotsIn(rule.schedule, rule.zone, { afterMs, untilMs: afterMs + HORIZON_MS, cap: factor }).at(-1);
  return until === undefined || slotAt >= until ? null : { streak: decay.streak, factor, until };
}
