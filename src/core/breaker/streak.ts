// Watches endings that do not count: enough of them in a row open an escalation of their own, without a pause.

import type { AgentKey, RunId } from '../ids.ts';
import { failureName } from '../react/outcome-text.ts';
import { fact, issueEffect } from './effect.ts';
import type { BreakerContext, Effect, IssueNote, Transition } from './event.ts';
import { EVIDENCE_KEPT, threshold } from './failure-count.ts';
import type { FailedRun } from './failure-count.ts';
import type { BreakerState, Streak } from './state.ts';

const NO_STREAK: Streak = { attempts: 0, latest: [], escalation: null };

/** An attempt ended without success and without counting (its login has expired, the provider is down). */
export function countUncounted(state: BreakerState, attempt: FailedRun, context: BreakerContext): Transition {
  const { agent } = attempt;
  const before = state.streaks[agent] ?? NO_STREAK;
  const attempts = before.attempts + 1;
  const latest = [...before.latest, attempt].slice(-EVIDENCE_KEPT);
  if (before.escalation !== null || attempts < threshold(context.rule)) {
    return { state: withStreak(state, agent, { ...before, attempts, latest }), effects: [] };
  }
  const incident = context.freshIncident;
  const fingerprint = uncountedFingerprint(agent);
  const reason = `${attempts} attempts in a row did not succeed, for reasons that do not count: ${failureName(attempt.outcome)}`;
  const note: IssueNote = {
    kind: 'does_not_count',
    at: context.now,
    agent,
    attempts,
    evidence: latest,
    configHash: context.configHash,
  };
  return {
    state: withStreak(state, agent, { attempts, latest, escalation: incident }),
    effects: [
      fact({ kind: 'escalation.opened', fingerprint, reason }),
      issueEffect('open_issue', { fingerprint, incident, key: 'open', note }),
    ],
  };
}

/** A success ends the row and its escalation. */
export function endStreak(state: BreakerState, success: { readonly agent: AgentKey; readonly run: RunId }): Transition {
  const streak = state.streaks[success.agent];
  return {
    state: withStreak(state, success.agent, null),
    effects: closeEscalation(success.agent, streak, {
      kind: 'agent_succeeded',
      run: success.run,
      agent: success.agent,
    }),
  };
}

/** A failure that counts ends the row: it is the breaker's now. An open escalation waits for a success all the same. */
export function breakStreak<State extends BreakerState>(state: State, agent: AgentKey): State {
  const streak = state.streaks[agent];
  return withStreak(
    state,
    agent,
    streak === undefined || streak.escalation === null ? null : { ...streak, attempts: 0, latest: [] },
  );
}

/** Forgets the rows of agents that no longer count, and closes what they had opened. */
export function keepStreaksOf(state: BreakerState, counted: readonly AgentKey[]): Transition {
  const gone = Object.entries(state.streaks).filter(([agent]) => !counted.includes(agent as AgentKey));
  let next = state;
  const effects: Effect[] = [];
  for (const [agent, streak] of gone) {
    next = withStreak(next, agent as AgentKey, null);
    effects.push(
      ...closeEscalation(agent as AgentKey, streak, { kind: 'no_longer_counted', agent: agent as AgentKey }),
    );
  }
  return { state: next, effects };
}

function uncountedFingerprint(agent: AgentKey): string {
  return `uncounted:${agent}`;
}

function closeEscalation(agent: AgentKey, streak: Streak | undefined, note: IssueNote): readonly Effect[] {
  if (streak === undefined || streak.escalation === null) {
    return [];
  }
  const fingerprint = uncountedFingerprint(agent);
  return [
    fact({ kind: 'escalation.closed', fingerprint, reason: note.kind }),
    issueEffect('close_issue', { fingerprint, incident: streak.escalation, key: 'close', note }),
  ];
}

function withStreak<State extends BreakerState>(state: State, agent: AgentKey, streak: Streak | null): State {
  const { [agent]: _before, ...others } = state.streaks;
  return { ...state, streaks: streak === null ? others : { ...others, [agent]: streak } };
}
