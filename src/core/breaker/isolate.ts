// Isolates a breaker by hand: held until a reset, flag or no flag.

import { endFlagTrouble, fact } from './effect.ts';
import type { BreakerContext, Effect, Transition } from './event.ts';
import { cancelProbe } from './probe.ts';
import { memoryOf } from './state.ts';
import type { BreakerState, FlagMark, OwnFlag, RecordedFlag } from './state.ts';

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
      ? endFlagTrouble(state.flag, context, { incident: state.incident, why: 'the breaker was isolated' })
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
function keptFlag(flag: OwnFlag): FlagMark | RecordedFlag {
  return flag.kind === 'written' ? flag : { kind: 'none' };
}
