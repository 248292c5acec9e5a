// Opens a breaker: one incident, one flag, one issue, however many failures follow.

import type { AgentKey } from '../ids.ts';
import { breakerFingerprint, fact, issueEffect } from './effect.ts';
import { recordFailure, threshold } from './failure-count.ts';
import type { FailedRun, ProjectFailureCounter, ShouldPause } from './failure-count.ts';
import type { BreakerContext, Effect, Transition, WriteFlag } from './event.ts';
import { cancelProbe } from './probe.ts';
import { failureName } from '../react/outcome-text.ts';
import { memoryOf } from './state.ts';
import type { BreakerState, Closed, HalfOpen, BreakerIncident, Open } from './state.ts';
import { describeCause } from './trip-cause.ts';
import type { TripCause } from './trip-cause.ts';

/** A run failed for a reason that counts. */
export function countFailure(state: BreakerState, failure: FailedRun, context: BreakerContext): Transition {
  const { counter, shouldPause } = recordFailure(state.counter, failure, {
    rule: context.rule,
    tripped: state.kind !== 'closed',
  });
  const counted = fact({
    kind: 'breaker.counted',
    failures: counter.failures,
    threshold: threshold(context.rule),
    class: failureName(failure.outcome),
  });
  const next = { ...state, counter };
  const cause = next.kind === 'open' || next.kind === 'isolated' ? null : causeOf(next, failure, shouldPause);
  if (cause === null || next.kind === 'open' || next.kind === 'isolated') {
    return { state: next, effects: [counted] };
  }
  const tripped = trip(next, cause, context);
  return { state: tripped.state, effects: [counted, ...tripped.effects] };
}

/** Opened by a person; open already, or isolated: nothing changes. */
export function tripByHand(
  state: BreakerState,
  asked: { readonly by: string; readonly reason: string },
  context: BreakerContext,
): Transition {
  if (state.kind === 'open' || state.kind === 'isolated') {
    return { state, effects: [] };
  }
  return trip(state, { kind: 'by_hand', by: asked.by, reason: asked.reason }, context);
}

/** The flag of `incident` as it should now be written. */
export function flagOf(incident: BreakerIncident, stampAt: number): WriteFlag {
  return {
    kind: 'write_flag',
    incident: incident.id,
    writes: incident.writes,
    stampAt,
    cause: incident.cause,
    runs: incident.evidence.map((failure) => failure.run),
  };
}

function causeOf(state: Closed | HalfOpen, failure: FailedRun, shouldPause: ShouldPause): TripCause | null {
  const who: { readonly agent: AgentKey; readonly class: string } = {
    agent: failure.agent,
    class: failureName(failure.outcome),
  };
  if (state.kind === 'half_open') {
    // Not lifted: a person's flag holds the project, and nobody has decided anything since the trip.
    return state.lifted ? { kind: 'again', ...who, failures: state.counter.failures, limit: 1 } : null;
  }
  return shouldPause.kind === 'yes'
    ? { kind: shouldPause.because, ...who, failures: shouldPause.failures, limit: shouldPause.limit }
    : null;
}

function trip(state: Closed | HalfOpen, cause: TripCause, context: BreakerContext): Transition<Open> {
  const again = state.kind === 'half_open';
  const incident = again ? tripAgain(state.incident, cause, state.counter) : begin(state, cause, context);
  const note = {
    kind: again ? 'tripped_again' : 'tripped',
    at: context.now,
    cause,
    evidence: incident.evidence,
    configHash: context.configHash,
    previous: state.last,
    flagError: null,
  } as const;
  const key = `trip-${incident.trips}`;
  const issue: readonly Effect[] = again
    ? [
        issueEffect('reopen_issue', { ...place(context, incident), key: `${key}-reopen`, note }),
        issueEffect('comment', { ...place(context, incident), key, note }),
      ]
    : [issueEffect('open_issue', { ...place(context, incident), key, note })];
  return {
    state: { ...memoryOf(state), kind: 'open', incident, since: context.now, flag: { kind: 'pending' } },
    effects: [
      fact({
        kind: 'breaker.opened',
        incident: incident.id,
        failures: state.counter.failures,
        class: cause.kind === 'by_hand' ? 'by_hand' : cause.class,
        reason: describeCause(cause),
      }),
      flagOf(incident, context.now),
      ...issue,
      ...(again ? cancelProbe(state) : []),
    ],
  };
}

function begin(state: Closed, cause: TripCause, context: BreakerContext): BreakerIncident {
  return {
    id: context.freshIncident,
    trippedAt: context.now,
    trips: 1,
    cause,
    evidence: state.counter.latest,
    configHash: context.configHash,
    issue: null,
    probes: 0,
    lifts: 0,
    closedDuringTrip: 0,
    flagTroubles: 0,
    writes: 1,
  };
}

// The config hash and the instant of the first trip stay: they tell when the trouble began.
function tripAgain(incident: BreakerIncident, cause: TripCause, counter: ProjectFailureCounter): BreakerIncident {
  return { ...incident, trips: incident.trips + 1, writes: incident.writes + 1, cause, evidence: counter.latest };
}

function place(
  context: BreakerContext,
  incident: BreakerIncident,
): { readonly fingerprint: string; readonly incident: string } {
  return { fingerprint: breakerFingerprint(context.project), incident: incident.id };
}
