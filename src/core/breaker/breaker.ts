// The project breaker: what each event does to it (total over state and event), and what it answers to admission.

import { unreachable } from '../../lib/unreachable.ts';
import type { BreakerRule } from '../fleet.ts';
import { closeForNothingCounts, countSuccess, resetByHand } from './close.ts';
import { autoResume, forgetFlag, lift, liftByPerson } from './come-back.ts';
import type { BreakerContext, BreakerEvent, Transition } from './event.ts';
import { moveFlag, recordFlag, recordFlagFailure, takeOver, yieldTo } from './flag-change.ts';
import { isolateByHand } from './isolate.ts';
import { answerClosing, linkIssue } from './issue-change.ts';
import { longestWait, probeAgain, probeIfDue } from './probe.ts';
import { shiftClock } from './shift.ts';
import type { BreakerState } from './state.ts';
import { breakStreak, countUncounted, endStreak, keepStreaksOf } from './streak.ts';
import { countFailure, tripByHand } from './trip.ts';
import { describeCause } from './trip-cause.ts';

/** The state after `event`, and the effects that are to be stored with it in one transaction. */
export function transition(state: BreakerState, event: BreakerEvent, context: BreakerContext): Transition {
  switch (event.kind) {
    case 'counted_failure':
      return countFailure(breakStreak(state, event.failure.agent), event.failure, context);
    case 'counted_success':
      return both(endStreak(state, event), (next) => countSuccess(next, event, context));
    case 'uncounted_end':
      return countUncounted(state, event.attempt, context);
    case 'flag_written':
      return recordFlag(state, event, context);
    case 'flag_failed':
      return recordFlagFailure(state, event, context);
    case 'flag_foreign':
      return yieldTo(state, event, context);
    case 'flag_taken_over':
      return takeOver(state, context);
    case 'flag_removed':
      return forgetFlag(state, context);
    case 'pause_lifted':
      return lift(state, event.by, context);
    case 'resumed':
      return liftByPerson(state, event.by, context);
    case 'trip':
      return tripByHand(state, event, context);
    case 'reset':
      return resetByHand(state, event, context);
    case 'isolate':
      return isolateByHand(state, event, context);
    case 'probe_due':
      return probeOrGiveUp(state, event, context);
    case 'probe_ended':
      return probeAgain(state, event, context);
    case 'auto_resume':
      return autoResume(state, context);
    case 'nothing_counts':
      return closeForNothingCounts(state, context);
    case 'rule_changed':
      return adoptRule(state, event, context);
    case 'pause_dir_moved':
      return moveFlag(state, context);
    case 'issue_opened':
      return { state: linkIssue(state, event.incident, event.issue), effects: [] };
    case 'issue_closed':
      return answerClosing(state, event.incident, context);
    case 'clock_stepped':
      return { state: shiftClock(state, event.byMs), effects: [] };
    default:
      return unreachable(event);
  }
}

/** What admission asks: nothing against it, everything refused, or only the probe let through. */
export function breakerStand(
  state: BreakerState,
):
  | { readonly kind: 'closed' | 'half_open' }
  | { readonly kind: 'open' | 'isolated' | 'probing'; readonly text: string } {
  switch (state.kind) {
    case 'closed':
      return { kind: 'closed' };
    case 'open':
      return { kind: 'open', text: describeCause(state.incident.cause) };
    case 'half_open':
      return state.gated ? { kind: 'probing', text: 'the probe run decides first' } : { kind: 'half_open' };
    case 'isolated':
      return { kind: 'isolated', text: `isolated by ${state.by}: ${state.reason}` };
  }
}

/** Epoch ms at which `probe_due` or `auto_resume` may change something; null: only other events can. */
export function breakerWakeAt(state: BreakerState, rule: BreakerRule): number | null {
  if (state.kind === 'half_open') {
    return state.probe.kind === 'wanted' ? state.probe.dueAt : null;
  }
  return state.kind === 'open' && state.flag.kind === 'written' && rule.autoResumeAfterMs !== null
    ? state.since + rule.autoResumeAfterMs
    : null;
}

function both(first: Transition, then: (state: BreakerState) => Transition): Transition {
  const second = then(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}

function probeOrGiveUp(
  state: BreakerState,
  look: Extract<BreakerEvent, { kind: 'probe_due' }>,
  context: BreakerContext,
): Transition {
  if (state.kind !== 'half_open') {
    return { state, effects: [] };
  }
  return look.candidates.length === 0 ? closeForNothingCounts(state, context) : probeIfDue(state, look, context);
}

function adoptRule(
  state: BreakerState,
  change: Extract<BreakerEvent, { kind: 'rule_changed' }>,
  context: BreakerContext,
): Transition {
  const kept = keepStreaksOf(state, change.counted);
  const marks = context.rule.sameClass === null ? [] : kept.state.counter.marks;
  const next: BreakerState = { ...kept.state, counter: { ...kept.state.counter, marks } };
  return { state: boundWaits(next, context), effects: kept.effects };
}

// Nobody can tell a clock that was set back while the machine was down: no wait is longer than it could have been made now.
function boundWaits(state: BreakerState, context: BreakerContext): BreakerState {
  if (state.kind === 'open') {
    return { ...state, since: Math.min(state.since, context.now) };
  }
  if (state.kind !== 'half_open' || state.probe.kind === 'out') {
    return state;
  }
  return {
    ...state,
    probe: { ...state.probe, dueAt: Math.min(state.probe.dueAt, context.now + longestWait(context)) },
  };
}
