// Follows the issue of an incident: numbered by the tracker, or closed by a person while the pause still holds.

import { breakerFingerprint, issueEffect } from './effect.ts';
import type { BreakerContext, Transition } from './event.ts';
import type { BreakerIncident, BreakerState, IssueLink } from './state.ts';

/** The tracker has given the issue of `incident` its number. */
export function linkIssue(state: BreakerState, incident: string, issue: IssueLink): BreakerState {
  if (state.kind !== 'closed' && state.incident?.id === incident) {
    const linked: BreakerIncident = { ...state.incident, issue };
    return { ...state, incident: linked };
  }
  return state.last?.id === incident ? { ...state, last: { id: incident, issue } } : state;
}

/** Closing the issue lifts nothing: that is said once per trip, and the issue stays closed until the next one. */
export function answerClosing(state: BreakerState, incident: string, context: BreakerContext): Transition {
  if (
    state.kind !== 'open' ||
    state.incident.id !== incident ||
    state.flag.kind !== 'written' ||
    state.incident.closedDuringTrip === state.incident.trips
  ) {
    return { state, effects: [] };
  }
  const { trips } = state.incident;
  return {
    state: { ...state, incident: { ...state.incident, closedDuringTrip: trips } },
    effects: [
      issueEffect('comment', {
        fingerprint: breakerFingerprint(context.project),
        incident,
        key: `closed-${trips}`,
        note: { kind: 'closed_by_person', at: context.now },
      }),
    ],
  };
}
