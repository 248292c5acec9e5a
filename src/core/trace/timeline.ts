// Turns a trace into named steps with real durations, and marks those in which nothing of the run was alive.

import { elapsedMs } from './event.ts';
import type { TraceEvent } from './event.ts';

/** What a run does from one event to the next. */
export interface TimelineStep {
  /** `kind#seq`: the event that began it. */
  readonly label: string;
  /** Where the run was: waiting, claimed, starting, running, stopping, settling, backoff, ended. */
  readonly name: string;
  /** Epoch ms; null where nobody wrote it down. */
  readonly at: number | null;
  /** Until the next event; null for the last one, and where a time is missing. */
  readonly lastsMs: number | null;
  /** Nothing of the run was alive. */
  readonly idle: boolean;
}

/** Where a run is after an event; kinds that are not here leave it where it was. */
const NAMES: Readonly<Record<string, string>> = {
  'run.requested': 'waiting',
  'run.deferred': 'waiting',
  'run.restored': 'waiting',
  'run.retrying': 'backoff',
  'run.admitted': 'claimed',
  'attempt.starting': 'starting',
  'attempt.started': 'running',
  'attempt.stopping': 'stopping',
  'attempt.ended': 'settling',
  'run.refused': 'ended',
  'run.ended': 'ended',
};

const BUSY: readonly string[] = ['starting', 'running', 'stopping'];

/** The steps of `trace`, in its order. */
export function timeline(trace: readonly TraceEvent[]): readonly TimelineStep[] {
  let name = 'waiting';
  return trace.map((event, index) => {
    name = name === 'ended' ? name : (NAMES[event.kind] ?? name);
    const next = trace[index + 1];
    return {
      label: `${event.kind}#${event.seq}`,
      name,
      at: event.at,
      lastsMs: next === undefined ? null : elapsedMs(event, next),
      idle: !BUSY.includes(name),
    };
  });
}
