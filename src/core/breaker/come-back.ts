// Lifts an open breaker: a person removed the flag or said so, or `auto_resume_after` has passed.

import { breakerFingerprint, endFlagTrouble, fact, issueEffect } from './effect.ts';
import type { BreakerContext, Effect, Transition } from './event.ts';
import { wantProbe } from './probe.ts';
import { memoryOf } from './state.ts';
import type { BreakerIncident, BreakerState, HalfOpen, Open } from './state.ts';

/** `state` half open, its probe wanted now. */
export function comeBack(
  state: Open,
  how: Pick<HalfOpen, 'mark' | 'lifted' | 'gated'>,
  context: BreakerContext,
): HalfOpen {
  return {
    ...memoryOf(state),
    kind: 'half_open',
    incident: how.lifted ? lifted(state.incident) : state.incident,
    since: context.now,
    ...how,
    probe: wantProbe(context),
  };
}

/** The flag is gone, by a person's hand or because our own removal was carried out. */
export function lift(state: BreakerState, by: string, context: BreakerContext): Transition {
  const flag = state.kind === 'open' ? state.flag : state.mark;
  if (flag.kind === 'none' || (state.kind === 'open' && flag.kind !== 'written')) {
    return { state, effects: [] };
  }
  return flag.kind === 'leaving' ? forgetFlag(state, context) : liftByPerson(state, by, context);
}

/** A person decided that everything goes on, whatever became of the flag. */
export function liftByPerson(state: BreakerState, by: string, context: BreakerContext): Transition {
  const gone = fact({ kind: 'pause.lifted', flag: context.project, by });
  if (state.kind === 'open') {
    const next = comeBack(state, { mark: { kind: 'none' }, lifted: true, gated: context.rule.probeFirst }, context);
    return {
      state: next,
      effects: [
        gone,
        fact({ kind: 'breaker.half_opened', incident: next.incident.id, reason: `lifted by ${by}` }),
        noteLift(next.incident, by, context),
        ...endFlagTrouble(state.flag, context, { incident: next.incident, why: `lifted by ${by}` }),
      ],
    };
  }
  const effects = state.mark.kind === 'none' ? [] : [gone];
  if (state.kind !== 'half_open') {
    return { state: { ...state, mark: { kind: 'none' } }, effects };
  }
  const incident = state.lifted ? state.incident : lifted(state.incident);
  const probe = state.probe.kind === 'out' ? state.probe : wantProbe(context);
  return {
    state: { ...state, incident, mark: { kind: 'none' }, lifted: true, gated: context.rule.probeFirst, probe },
    effects: state.lifted ? effects : [...effects, noteLift(incident, by, context)],
  };
}

/** Our own removal was carried out, or found nothing left to remove. */
export function forgetFlag(state: BreakerState, context: BreakerContext): Transition {
  if (state.kind === 'open' || state.mark.kind !== 'leaving') {
    return { state, effects: [] };
  }
  return {
    state: { ...state, mark: { kind: 'none' } },
    effects: [fact({ kind: 'pause.lifted', flag: context.project, by: 'the breaker' })],
  };
}

/** Lifts our own flag when `auto_resume_after` has passed. Nobody has decided, so only the probe is admitted at first. */
export function autoResume(state: BreakerState, context: BreakerContext): Transition {
  const after = context.rule.autoResumeAfterMs;
  if (state.kind !== 'open' || state.flag.kind !== 'written' || after === null || context.now < state.since + after) {
    return { state, effects: [] };
  }
  const { flag } = state;
  const next = comeBack(state, { mark: { ...flag, kind: 'leaving' }, lifted: true, gated: true }, context);
  return {
    state: next,
    effects: [
      fact({ kind: 'breaker.half_opened', incident: next.incident.id, reason: 'auto_resume_after has passed' }),
      noteLift(next.incident, 'auto_resume_after', context),
      { ...flag, kind: 'remove_flag' },
    ],
  };
}

function lifted(incident: BreakerIncident): BreakerIncident {
  return { ...incident, lifts: incident.lifts + 1 };
}

function noteLift(incident: BreakerIncident, by: string, context: BreakerContext): Effect {
  const { cause } = incident;
  return issueEffect('comment', {
    fingerprint: breakerFingerprint(context.project),
    incident: incident.id,
    key: `lift-${incident.lifts}`,
    note: { kind: 'lifted', at: context.now, by, agent: cause.kind === 'by_hand' ? null : cause.agent },
  });
}
