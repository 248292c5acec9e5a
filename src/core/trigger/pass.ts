// One pass of the scheduler as data: from the stored watermark to now, which slots run, which were missed, what time did.

import { reason } from '../admission/reasons.ts';
import type { AgentKey } from '../ids.ts';
import { clockStep, isSameBoot } from './clock-step.ts';
import type { ClockReading, ClockStep, SchedulerState } from './clock-step.ts';
import { jitterOf } from './jitter.ts';
import { ON_TIME_MS, planMisfire } from './misfire.ts';
import type { MissCause, MisfireRule, Stretch } from './misfire.ts';
import { nextSlot } from './schedule.ts';

/** Catch-up of slots missed before the start waits until the machine is up this long. */
export const QUIET_AFTER_BOOT_MS = 120_000;

/** A pass that comes this much later than passes are due is told. */
export const LATE_PASS_MS = 2_000;

/** An agent as a pass needs it. */
export interface ScheduledAgent extends MisfireRule {
  readonly key: AgentKey;
  /** Upper bound of the agent's own delay; the slot's instant stays its name, `notBefore` and all lateness count from its end. */
  readonly jitterMs: number;
  /** When its schedule, zone and jitter came into force: slots up to then are not its own. Void once a later epoch has begun; null: always were. */
  readonly since: { readonly atMs: number; readonly epoch: number } | null;
}

/** What a pass is given. */
export interface PassInput {
  /** The first pass of this process: what was missed, was missed while the factory was down. */
  readonly isFirst: boolean;
  /** Null: this state directory never had a pass. Nothing is due then, the watermark begins now. */
  readonly state: SchedulerState | null;
  readonly now: ClockReading;
  /** At least every agent whose `nextDue` is at or before now; more do no harm. On the first pass: all. */
  readonly agents: Iterable<ScheduledAgent>;
  /** Whether a slot of the agent at this instant ran in an epoch before `epoch`; asked for slots of fixed schedules that would run. */
  readonly ranBefore: (agent: AgentKey, slotAt: number, epoch: number) => boolean;
}

/** A slot to insert with its request, unique by (agent, epoch, at). */
export interface DueSlot {
  readonly agent: AgentKey;
  readonly epoch: number;
  readonly at: number;
  /** Not to be admitted before: jitter, spacing of a catch-up, the quiet time after a boot. */
  readonly notBefore: number;
}

/** Slots from `from` to `to` (both slots) that do not run, all for one reason. */
export interface MissedStretch extends Stretch {
  readonly agent: AgentKey;
  readonly epoch: number;
}

/** What a pass noticed about time itself; a subset of core/run/facts.ts. `epoch` is the one that holds afterwards. */
export type PassFact =
  | { readonly kind: 'clock.stepped'; readonly byMs: number; readonly epoch: number }
  | { readonly kind: 'scheduler.late'; readonly byMs: number };

/** What a pass decided. Every slot that came due is one of `due`, or counted in exactly one of `missed`. */
export interface PassResult {
  readonly due: readonly DueSlot[];
  readonly missed: readonly MissedStretch[];
  readonly facts: readonly PassFact[];
  /** To be stored in the same transaction. */
  readonly state: SchedulerState;
  /** The wall clock went back: `nextDue` of every agent has to be asked again with the new state. */
  readonly isRewound: boolean;
}

/** The slots that came due between the stored state and now. Costs some 8 µs per agent given. */
export function pass(input: PassInput): PassResult {
  const { state, now } = input;
  if (state === null) {
    const begun = { watermarkMs: now.wallMs, epoch: 0, reading: now };
    return { due: [], missed: [], facts: [], state: begun, isRewound: false };
  }
  const step = clockStep(state, now);
  const isRewound = step.kind === 'step' && step.isRewound;
  const epoch = isRewound ? state.epoch + 1 : state.epoch;
  const watermarkMs = isRewound ? now.wallMs : Math.max(state.watermarkMs, now.wallMs);
  // Also a clock that was set back may be ahead of the watermark (a long stop): those slots belong to the old epoch.
  const slots = now.wallMs > state.watermarkMs ? settleAgents({ ...input, state, step }) : { due: [], missed: [] };
  const facts: PassFact[] = step.kind === 'step' ? [{ kind: 'clock.stepped', byMs: step.byMs, epoch }] : [];
  return {
    ...slots,
    facts: [...facts, ...lateFacts(input, state)],
    state: { watermarkMs, epoch, reading: now },
    isRewound,
  };
}

/** When the next slot of `agent` after the state's watermark comes due, its own delay included; null: it never does. */
export function nextDue(
  agent: Pick<ScheduledAgent, 'key' | 'schedule' | 'zone' | 'jitterMs' | 'since'>,
  state: Pick<SchedulerState, 'watermarkMs' | 'epoch'>,
): number | null {
  const delayMs = jitterOf(agent.key, agent.jitterMs);
  const slot = nextSlot(agent.schedule, agent.zone, ownAfter(agent, state, delayMs));
  return slot === null ? null : slot + delayMs;
}

/** The instant after which slots are both uncovered and the agent's own. */
function ownAfter(
  { since }: Pick<ScheduledAgent, 'since'>,
  { watermarkMs, epoch }: Pick<SchedulerState, 'watermarkMs' | 'epoch'>,
  delayMs: number,
): number {
  const after = watermarkMs - delayMs;
  return since !== null && since.epoch === epoch ? Math.max(after, since.atMs) : after;
}

interface Settling extends PassInput {
  readonly state: SchedulerState;
  readonly step: ClockStep;
}

function settleAgents(input: Settling): Pick<PassResult, 'due' | 'missed'> {
  const due: DueSlot[] = [];
  const missed: MissedStretch[] = [];
  for (const agent of input.agents) {
    settle(agent, input, { due, missed });
  }
  return { due, missed };
}

function settle(agent: ScheduledAgent, input: Settling, into: { due: DueSlot[]; missed: MissedStretch[] }): void {
  const { state, now, isFirst } = input;
  const { epoch } = state;
  const ownDelayMs = jitterOf(agent.key, agent.jitterMs);
  const range = { afterMs: ownAfter(agent, state, ownDelayMs), untilMs: now.wallMs - ownDelayMs };
  const plan = planMisfire(agent, range, causeOf(input));
  for (const stretch of plan.stretches) {
    into.missed.push({ agent: agent.key, epoch, ...stretch });
  }
  const quietMs = isFirst ? Math.max(0, Math.ceil(QUIET_AFTER_BOOT_MS - now.monotonicMs)) : 0;
  for (const { at, delayMs, isCatchUp } of plan.runs) {
    if (epoch > 0 && !agent.schedule.isInterval && input.ranBefore(agent.key, at, epoch)) {
      const text = 'the clock was set back, and this instant ran already';
      const again = { from: at, to: at, count: 1, reason: reason('duplicate.clock_step', text, { epoch }) };
      into.missed.push({ agent: agent.key, epoch, ...again });
    } else {
      const isHeld = isCatchUp || quietMs > 0;
      const notBefore = isHeld ? now.wallMs + quietMs + delayMs : at + ownDelayMs;
      into.due.push({ agent: agent.key, epoch, at, notBefore });
    }
  }
}

function causeOf({ step, isFirst }: Settling): MissCause {
  if (step.kind === 'step' && step.byMs > 0) {
    return 'missed.clock_step';
  }
  return isFirst ? 'missed.down' : null;
}

/** A loop that was blocked moved both clocks: no step, but the passes stood still. */
function lateFacts({ isFirst, now }: PassInput, { reading }: SchedulerState): readonly PassFact[] {
  const byMs = Math.round(now.monotonicMs - reading.monotonicMs) - ON_TIME_MS;
  const isLate = !isFirst && isSameBoot(reading, now) && byMs > LATE_PASS_MS;
  return isLate ? [{ kind: 'scheduler.late', byMs }] : [];
}
