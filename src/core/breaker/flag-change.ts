// Follows the pause flag: written, refused by the disk, taken over by a person, removed.

import { isOurs } from '../pause/flag.ts';
import type { FlagStat } from '../pause/flag.ts';
import { endFlagTrouble, fact, flagFingerprint, issueEffect } from './effect.ts';
import type { BreakerContext, BreakerEvent, Effect, Transition } from './event.ts';
import { cancelProbe, wantProbe } from './probe.ts';
import { memoryOf } from './state.ts';
import type { BreakerState, FlagMark, HalfOpen, Open, RecordedFlag } from './state.ts';
import { flagOf } from './trip.ts';

/** The event that a look at the flag amounts to; null: it showed what is known already, or nothing that can be relied on. */
export function flagEvent(state: BreakerState, stat: FlagStat): BreakerEvent | null {
  const flag = state.kind === 'open' ? state.flag : state.mark;
  // While the outbox has not recorded the flag, its absence means nothing and its presence is the outbox's to judge.
  if (stat.kind === 'unknown' || flag.kind === 'pending' || flag.kind === 'failing') {
    return null;
  }
  if (stat.kind === 'absent') {
    return flag.kind === 'none' ? null : { kind: 'pause_lifted', by: 'a person' };
  }
  const known = flag.kind === 'person' || (flag.kind !== 'none' && isOurs(stat, flag));
  return known ? null : { kind: 'flag_taken_over' };
}

/** Whether `effect` should still be carried out: the breaker may have moved on while it waited. */
export function wantsFlag(
  state: BreakerState,
  effect: { readonly incident: string; readonly trip: number; readonly moves: number },
): boolean {
  return (
    state.kind === 'open' &&
    state.flag.kind !== 'written' &&
    state.incident.id === effect.incident &&
    state.incident.trips === effect.trip &&
    state.incident.moves === effect.moves
  );
}

/** The outbox wrote the flag. From here on a missing flag means "removed". */
export function recordFlag(
  state: BreakerState,
  written: Extract<BreakerEvent, { kind: 'flag_written' }>,
  context: BreakerContext,
): Transition {
  const { incident, path, mtimeNs } = written;
  const flag: RecordedFlag = { kind: 'written', incident, path, mtimeNs };
  const current = state.kind === 'closed' ? null : state.incident;
  const ours = current !== null && current.id === incident && current.moves === written.moves;
  if (state.kind === 'open' && ours && state.flag.kind !== 'written') {
    return {
      state: { ...state, flag },
      effects: [
        fact({ kind: 'pause.set', flag: context.project, owner: 'breaker' }),
        ...endFlagTrouble(state.flag, context, { incident, why: 'the flag could be written' }),
      ],
    };
  }
  if (state.kind === 'isolated' && ours && state.mark.kind === 'none') {
    return { state: { ...state, mark: flag }, effects: [] };
  }
  if (state.kind === 'open') {
    return { state, effects: [] };
  }
  // Lifted or closed in the moment of the write: nobody wants this flag any more, and nobody but us made it.
  const leaving: FlagMark = { ...flag, kind: 'leaving' };
  const next = state.kind !== 'isolated' && state.mark.kind === 'none' ? { ...state, mark: leaving } : state;
  return { state: next, effects: [{ kind: 'remove_flag', incident, path, mtimeNs }] };
}

/** The flag cannot be written. The gate holds the project all the same; a person has to know. */
export function recordFlagFailure(
  state: BreakerState,
  failed: { readonly incident: string; readonly error: string },
  context: BreakerContext,
): Transition {
  if (state.kind !== 'open' || state.incident.id !== failed.incident || state.flag.kind === 'written') {
    return { state, effects: [] };
  }
  const { error } = failed;
  if (state.flag.kind === 'failing') {
    return { state: { ...state, flag: { ...state.flag, error } }, effects: [] };
  }
  const fingerprint = flagFingerprint(context.project);
  return {
    state: { ...state, flag: { kind: 'failing', error, since: context.now } },
    effects: [
      fact({ kind: 'escalation.opened', fingerprint, reason: error }),
      issueEffect('open_issue', {
        fingerprint,
        incident: state.incident.id,
        key: `failing-${context.now}`,
        note: { kind: 'flag_failing', error },
      }),
    ],
  };
}

/** A person's flag is there: the project stays paused, and whether it comes back is that person's decision. */
export function takeOver(state: BreakerState, context: BreakerContext): Transition {
  const taken = fact({ kind: 'pause.set', flag: context.project, owner: 'human' });
  if (state.kind === 'open') {
    const next = halfOpen(state, context);
    return {
      state: { ...next, mark: { kind: 'person' }, lifted: false },
      effects: [
        taken,
        fact({ kind: 'breaker.half_opened', incident: state.incident.id, reason: 'a person took the flag over' }),
        ...endFlagTrouble(state.flag, context, { incident: state.incident.id, why: 'a person paused the project' }),
      ],
    };
  }
  if (state.mark.kind === 'person') {
    return { state, effects: [] };
  }
  if (state.kind === 'half_open' && state.mark.kind === 'leaving') {
    // We lifted nothing after all: what we meant to remove was a person's by then.
    return { state: { ...state, mark: { kind: 'person' }, lifted: false }, effects: [taken] };
  }
  return { state: { ...state, mark: { kind: 'person' } }, effects: [taken] };
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
  const lifted = fact({ kind: 'pause.lifted', flag: context.project, by });
  if (state.kind === 'open') {
    return {
      state: halfOpen(state, context),
      effects: [
        lifted,
        fact({ kind: 'breaker.half_opened', incident: state.incident.id, reason: `lifted by ${by}` }),
        ...endFlagTrouble(state.flag, context, { incident: state.incident.id, why: `lifted by ${by}` }),
      ],
    };
  }
  const effects = state.mark.kind === 'none' ? [] : [lifted];
  if (state.kind !== 'half_open') {
    return { state: { ...state, mark: { kind: 'none' } }, effects };
  }
  const probe = state.probe.kind === 'out' ? state.probe : wantProbe(context);
  return {
    state: { ...state, mark: { kind: 'none' }, lifted: true, gated: context.rule.probeFirst, probe },
    effects,
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

/** pause_dir moved: an open breaker has no flag until it is written in the new folder. */
export function moveFlag(state: BreakerState, context: BreakerContext): Transition {
  if (state.kind !== 'open') {
    // What was known lies in the folder before; a person's flag in the new one is seen at the next look.
    return lift(state, 'the move of pause_dir', context);
  }
  const incident = { ...state.incident, moves: state.incident.moves + 1 };
  const flag = state.flag.kind === 'written' ? ({ kind: 'pending' } as const) : state.flag;
  return { state: { ...state, incident, flag }, effects: [flagOf(incident, context.now)] };
}

/** `adf breaker isolate`: held until a reset, whatever happens meanwhile. */
export function isolateByHand(
  state: BreakerState,
  asked: { readonly by: string; readonly reason: string },
  context: BreakerContext,
): Transition {
  if (state.kind === 'isolated') {
    return { state, effects: [] };
  }
  const effects: readonly Effect[] = [
    fact({ kind: 'breaker.isolated', reason: asked.reason }),
    ...cancelProbe(state),
    ...(state.kind === 'open'
      ? endFlagTrouble(state.flag, context, { incident: state.incident.id, why: 'the breaker was isolated' })
      : []),
  ];
  const mark = state.kind === 'open' ? keptFlag(state.flag) : state.mark;
  const incident = state.kind === 'closed' ? null : state.incident;
  return {
    state: {
      ...memoryOf(state),
      kind: 'isolated',
      by: asked.by,
      reason: asked.reason,
      since: context.now,
      incident,
      mark,
    },
    effects,
  };
}

// A flag that was not written yet is no longer wanted: an isolated breaker holds by its own gate.
function keptFlag(flag: Open['flag']): FlagMark | RecordedFlag {
  return flag.kind === 'written' ? flag : { kind: 'none' };
}

function halfOpen(state: Open, context: BreakerContext): HalfOpen {
  return {
    ...memoryOf(state),
    kind: 'half_open',
    incident: state.incident,
    since: context.now,
    mark: { kind: 'none' },
    lifted: true,
    gated: context.rule.probeFirst,
    probe: wantProbe(context),
  };
}
