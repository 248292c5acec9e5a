// Decides when a half-open breaker starts a run of its own to learn whether the project is well again.

import type { AgentKey } from '../ids.ts';
import type { BreakerContext, BreakerEvent, Effect, Transition } from './event.ts';
import type { BreakerState, HalfOpen, Probe } from './state.ts';

/** Longest wait between two probes, unless `probe_after` itself is longer. */
export const PROBE_WAIT_CAP_MS = 3_600_000;

/** The longest wait before a probe that this rule knows. */
export function longestWait(context: BreakerContext): number {
  return Math.max(PROBE_WAIT_CAP_MS, context.rule.probeAfterMs);
}

/** A probe wanted from `now` on. */
export function wantProbe(context: BreakerContext): Probe {
  return { kind: 'wanted', dueAt: context.now, waitMs: context.rule.probeAfterMs, deferred: false };
}

/** Starts the probe if it is due, possible, and not about to be made needless by a counted run. */
export function probeIfDue(
  state: HalfOpen,
  look: Extract<BreakerEvent, { kind: 'probe_due' }>,
  context: BreakerContext,
): Transition<HalfOpen> {
  const { probe } = state;
  const { now } = context;
  // While the project is paused the probe stays due: it starts with the next look after the flag is gone.
  if (probe.kind === 'out' || now < probe.dueAt || look.paused) {
    return { state, effects: [] };
  }
  const later: Probe = { ...probe, dueAt: now + context.rule.probeAfterMs };
  if (look.countedRunning) {
    return { state: { ...state, probe: later }, effects: [] };
  }
  // Once only: an agent whose every slot ends in "nothing to do" would keep the breaker half open for ever. While only
  // the probe is admitted, its slot would wait like the rest.
  if (!state.gated && !probe.deferred && look.nextCountedAt !== null && look.nextCountedAt <= later.dueAt) {
    return { state: { ...state, probe: { ...later, deferred: true } }, effects: [] };
  }
  const agent = choose(state, look.candidates);
  if (agent === null) {
    return { state, effects: [] };
  }
  const number = state.incident.probes + 1;
  return {
    state: {
      ...state,
      incident: { ...state.incident, probes: number },
      probe: { kind: 'out', number, agent, waitMs: probe.waitMs },
    },
    effects: [{ kind: 'start_probe', incident: state.incident.id, number, agent, at: now }],
  };
}

/** The probe proved nothing: another one after the wait, which doubles up to the cap. */
export function probeAgain(
  state: BreakerState,
  ended: { readonly incident: string; readonly number: number },
  context: BreakerContext,
): Transition {
  if (
    state.kind !== 'half_open' ||
    state.probe.kind !== 'out' ||
    state.incident.id !== ended.incident ||
    state.probe.number !== ended.number
  ) {
    return { state, effects: [] };
  }
  const { waitMs } = state.probe;
  const longest = longestWait(context);
  return {
    state: {
      ...state,
      probe: { kind: 'wanted', dueAt: context.now + waitMs, waitMs: Math.min(waitMs * 2, longest), deferred: true },
    },
    effects: [],
  };
}

/** What takes back a probe that still waits. */
export function cancelProbe(state: BreakerState): readonly Effect[] {
  if (state.kind !== 'half_open' || state.probe.kind !== 'out') {
    return [];
  }
  return [{ kind: 'cancel_probe', incident: state.incident.id, number: state.probe.number, agent: state.probe.agent }];
}

function choose(state: HalfOpen, candidates: readonly AgentKey[]): AgentKey | null {
  const { cause } = state.incident;
  if (cause.kind !== 'by_hand' && candidates.includes(cause.agent)) {
    return cause.agent;
  }
  return [...candidates].sort()[0] ?? null;
}
