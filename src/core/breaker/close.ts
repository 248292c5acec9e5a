// Closes a breaker: a counted success, a reset by hand, or nobody left whose success could.

import type { AgentKey, RunId } from '../ids.ts';
import { breakerFingerprint, endFlagTrouble, fact, issueEffect } from './effect.ts';
import type { BreakerContext, Effect, IssueNote, Transition } from './event.ts';
import { NO_FAILURES, recordSuccess } from './failure-count.ts';
import { cancelProbe } from './probe.ts';
import { memoryOf } from './state.ts';
import type { BreakerState, Closed, FlagMark, BreakerIncident } from './state.ts';

/** A counted run succeeded. While open it began before the trip: it is noted, and the flag stays. */
export function countSuccess(
  state: BreakerState,
  success: { readonly run: RunId; readonly agent: AgentKey },
  context: BreakerContext,
): Transition {
  const next = { ...state, counter: recordSuccess(state.counter) };
  switch (next.kind) {
    case 'closed':
      return { state: next, effects: [] };
    case 'half_open':
      return close(next, { kind: 'closed_by_success', run: success.run, agent: success.agent }, context);
    case 'open':
    case 'isolated':
      return { state: next, effects: noteSuccess(next.incident, success, context) };
  }
}

/** `adf breaker reset`: closed, count forgotten, our own flag removed; a person's flag stays. */
export function resetByHand(
  state: BreakerState,
  asked: { readonly by: string; readonly reason: string },
  context: BreakerContext,
): Transition {
  const closed = close(state, { kind: 'closed_by_hand', by: asked.by, reason: asked.reason }, context);
  return { ...closed, state: { ...closed.state, counter: NO_FAILURES } };
}

/** No counted agent is left in agents.toml: nothing could ever close a half-open breaker. */
export function closeForNothingCounts(state: BreakerState, context: BreakerContext): Transition {
  return state.kind === 'half_open' ? close(state, { kind: 'nothing_counts' }, context) : { state, effects: [] };
}

function noteSuccess(
  incident: BreakerIncident | null,
  success: { readonly run: RunId; readonly agent: AgentKey },
  context: BreakerContext,
): readonly Effect[] {
  if (incident === null) {
    return [];
  }
  return [
    fact({ kind: 'breaker.success_noted', incident: incident.id }),
    issueEffect('comment', {
      fingerprint: breakerFingerprint(context.project),
      incident: incident.id,
      key: `success-${success.run}`,
      note: { kind: 'success_while_open', run: success.run, agent: success.agent },
    }),
  ];
}

function close(state: BreakerState, note: IssueNote, context: BreakerContext): Transition<Closed> {
  const incident = state.kind === 'closed' ? null : state.incident;
  const { mark, effects } = letFlagGo(state, context);
  return {
    state: {
      ...memoryOf(state),
      kind: 'closed',
      mark,
      last: incident === null ? state.last : { id: incident.id, issue: incident.issue },
    },
    effects: [
      fact({ kind: 'breaker.closed', incident: incident?.id ?? null, reason: note.kind }),
      ...effects,
      ...cancelProbe(state),
      ...(incident === null
        ? []
        : [
            issueEffect('close_issue', {
              fingerprint: breakerFingerprint(context.project),
              incident: incident.id,
              key: 'close',
              note,
            }),
          ]),
    ],
  };
}

function letFlagGo(
  state: BreakerState,
  context: BreakerContext,
): { readonly mark: FlagMark; readonly effects: readonly Effect[] } {
  const flag = state.kind === 'open' ? state.flag : state.mark;
  switch (flag.kind) {
    case 'written':
      return {
        mark: { ...flag, kind: 'leaving' },
        effects: [{ ...flag, kind: 'remove_flag' }],
      };
    case 'failing':
      return {
        mark: { kind: 'none' },
        effects:
          state.kind === 'open'
            ? endFlagTrouble(flag, context, { incident: state.incident, why: 'the breaker was closed' })
            : [],
      };
    case 'pending':
      return { mark: { kind: 'none' }, effects: [] };
    case 'none':
    case 'person':
    case 'leaving':
      return { mark: flag, effects: [] };
  }
}
