// One event of a run's trace: a fact without its details, or a checkpoint, in the order in which they were written.

import type { RecordedFact } from '../run/facts.ts';

/** Events of one run in order; `at` and `mono` are null where nobody wrote down when. */
export interface TraceEvent {
  readonly run: string | null;
  readonly seq: number;
  /** The attempt that it is about. */
  readonly step: string | null;
  readonly action: TraceAction;
  readonly kind: string;
  /** Wall clock, epoch ms. */
  readonly at: number | null;
  /** Monotonic clock of the boot, ms. */
  readonly mono: number | null;
}

/** What an event does to the progress of a run. */
export type TraceAction = 'interrupted' | 'resumed' | 'none';

/** The trace that `facts` of one run, oldest first, amount to. */
export function traceOf(facts: readonly RecordedFact[]): readonly TraceEvent[] {
  let interrupted = false;
  return facts.map((fact): TraceEvent => {
    const action = actionOf(fact, interrupted);
    interrupted = action === 'none' ? interrupted : action === 'interrupted';
    const { seq, kind, at, mono } = fact;
    return { run: fact.run ?? null, seq, step: fact.attempt ?? null, action, kind, at, mono };
  });
}

/** A trace of saved checkpoints alone: all that is left where the facts are gone. */
export function traceOfCheckpoints(run: string, savedAt: readonly (number | null)[]): readonly TraceEvent[] {
  return savedAt.map((at, index) => ({
    run,
    seq: index + 1,
    step: null,
    action: 'none',
    kind: 'CheckpointSaved',
    at,
    mono: null,
  }));
}

/**
 * Time from `first` to `second` in ms; null where a time is missing. The wall clock counts, because it also goes on while the
 * machine is off; where it was set back in between, the monotonic clock knows better.
 */
export function elapsedMs(first: TraceEvent, second: TraceEvent): number | null {
  if (first.at === null || second.at === null) {
    return null;
  }
  if (second.at >= first.at) {
    return second.at - first.at;
  }
  return first.mono !== null && second.mono !== null && second.mono >= first.mono ? second.mono - first.mono : null;
}

const INTERRUPTIONS: readonly RecordedFact['kind'][] = ['attempt.stopping', 'run.retrying', 'run.restored'];

function actionOf(fact: RecordedFact, interrupted: boolean): TraceAction {
  if (INTERRUPTIONS.includes(fact.kind)) {
    return 'interrupted';
  }
  return interrupted && fact.kind === 'attempt.started' ? 'resumed' : 'none';
}
