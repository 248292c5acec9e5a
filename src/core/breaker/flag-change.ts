// Follows the pause flag: written, refused by the disk, taken over by a person, removed.

import { isOurs } from '../pause/flag.ts';
import type { FlagStat } from '../pause/flag.ts';
import { comeBack, lift } from './come-back.ts';
import { endFlagTrouble, fact, flagFingerprint, issueEffect } from './effect.ts';
import type { BreakerContext, BreakerEvent, Effect, Transition } from './event.ts';
import type { BreakerIncident, BreakerState, FlagMark, Open, RecordedFlag } from './state.ts';
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
  effect: { readonly incident: string; readonly writes: number },
): boolean {
  return (
    state.kind === 'open' &&
    state.flag.kind !== 'written' &&
    state.incident.id === effect.incident &&
    state.incident.writes === effect.writes
  );
}

/** The outbox wrote the flag. From here on a missing flag means "removed". */
export function recordFlag(
  state: BreakerState,
  written: Extract<BreakerEvent, { kind: 'flag_written' }>,
  context: BreakerContext,
): Transition {
  const { incident } = written;
  const flag: RecordedFlag = { ...written, kind: 'written' };
  const current = state.kind === 'closed' ? null : state.incident;
  const ours = current !== null && current.id === incident && current.writes === written.writes;
  if (state.kind === 'open' && ours && state.flag.kind !== 'written') {
    return {
      state: { ...state, flag },
      effects: [
        fact({ kind: 'pause.set', flag: context.project, owner: 'breaker' }),
        ...endFlagTrouble(state.flag, context, { incident: state.incident, why: 'the flag could be written' }),
      ],
    };
  }
  if (state.kind === 'isolated' && ours && state.mark.kind === 'none') {
    return { state: { ...state, mark: flag }, effects: [] };
  }
  if (state.kind === 'open') {
    return state.flag.kind === 'written' ? { state, effects: [] } : writeAnew(state, flag, context);
  }
  // Lifted or closed in the moment of the write: nobody wants this flag any more, and nobody but us made it.
  const leaving: FlagMark = { ...flag, kind: 'leaving' };
  const next = state.kind !== 'isolated' && state.mark.kind === 'none' ? { ...state, mark: leaving } : state;
  return { state: next, effects: [{ ...flag, kind: 'remove_flag' }] };
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
  const incident = { ...state.incident, flagTroubles: state.incident.flagTroubles + 1 };
  return {
    state: { ...state, incident, flag: { kind: 'failing', error, since: context.now } },
    effects: [
      fact({ kind: 'escalation.opened', fingerprint: flagFingerprint(context.project), reason: error }),
      ...sayFlagTrouble(incident, error, context),
    ],
  };
}

function sayFlagTrouble(incident: BreakerIncident, error: string, context: BreakerContext): readonly Effect[] {
  const { cause, evidence, flagTroubles } = incident;
  const rest = {
    fingerprint: flagFingerprint(context.project),
    incident: incident.id,
    note: {
      kind: 'flag_failing',
      at: context.now,
      cause,
      evidence,
      configHash: context.configHash,
      previous: null,
      flagError: error,
    },
  } as const;
  const key = `failing-${flagTroubles}`;
  return flagTroubles === 1
    ? [issueEffect('open_issue', { ...rest, key })]
    : [issueEffect('reopen_issue', { ...rest, key: `${key}-reopen` }), issueEffect('comment', { ...rest, key })];
}

/** The outbox left the flag of somebody else. An answer about another folder or incident says nothing about this one. */
export function yieldTo(
  state: BreakerState,
  found: { readonly incident: string; readonly writes: number },
  context: BreakerContext,
): Transition {
  return state.kind === 'open' && state.incident.id === found.incident && state.incident.writes === found.writes
    ? takeOver(state, context)
    : { state, effects: [] };
}

/** A person's flag is there: the project stays paused, and whether it comes back is that person's decision. */
export function takeOver(state: BreakerState, context: BreakerContext): Transition {
  const taken = fact({ kind: 'pause.set', flag: context.project, owner: 'human' });
  if (state.kind === 'open') {
    return {
      state: comeBack(state, { mark: { kind: 'person' }, lifted: false, gated: context.rule.probeFirst }, context),
      effects: [
        taken,
        fact({ kind: 'breaker.half_opened', incident: state.incident.id, reason: 'a person took the flag over' }),
        ...endFlagTrouble(state.flag, context, { incident: state.incident, why: 'a person paused the project' }),
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

/** pause_dir moved: an open breaker has no flag until it is written in the new folder. */
export function moveFlag(state: BreakerState, context: BreakerContext): Transition {
  if (state.kind !== 'open') {
    // What was known lies in the folder before; a person's flag in the new one is seen at the next look.
    return lift(state, 'the move of pause_dir', context);
  }
  const incident = nextWrite(state.incident);
  const flag = state.flag.kind === 'written' ? ({ kind: 'pending' } as const) : state.flag;
  return { state: { ...state, incident, flag }, effects: [flagOf(incident, context.now)] };
}

// An earlier write ended after the trip that this state is about: its flag has an older stamp and would pass for a
// person's. It goes, and the write that waits behind it gives way to one that comes after the removal.
function writeAnew(state: Open, stray: RecordedFlag, context: BreakerContext): Transition {
  const incident = nextWrite(state.incident);
  return {
    state: { ...state, incident },
    effects: [{ ...stray, kind: 'remove_flag' }, flagOf(incident, context.now)],
  };
}

function nextWrite(incident: BreakerIncident): BreakerIncident {
  return { ...incident, writes: incident.writes + 1 };
}
