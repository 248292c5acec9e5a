// Facts of one pretended run, written as its story goes; each with the next number and a second later.

import type { AttemptId, RunId } from '../../src/core/ids.ts';
import type { FactBody, RecordedFact } from '../../src/core/run/facts.ts';
import type { AttemptEnforcement } from '../../src/core/run/run.ts';
import { AT } from './views.ts';

export const RUN = 'r7k2' as RunId;
const LIMITS: AttemptEnforcement = { memory: 'none', cpu: 'none', pids: 'none', cpuQuota: 'none', tree: 'marker' };

/** `[body, attempt]`: what happened, and to which attempt. */
export type Told = readonly [FactBody, string?];

export const requested: Told = [{ kind: 'run.requested', trigger: { kind: 'operator' } }];
export const admitted: Told = [{ kind: 'run.admitted' }];
export const retrying: Told = [{ kind: 'run.retrying', notBefore: AT, reason: 'rate' }];
export const restored: Told = [{ kind: 'run.restored', reason: 'no process' }];
export const runEnded: Told = [
  {
    kind: 'run.ended',
    outcome: { kind: 'succeeded' },
    durationMs: 1000,
    cpuMs: 400,
    peakMemoryBytes: null,
    note: null,
  },
];
export const starting = (attempt = 'a1'): Told => [{ kind: 'attempt.starting', purpose: 'main' }, attempt];
export const started = (attempt = 'a1'): Told => [{ kind: 'attempt.started', pid: 4711, enforcement: LIMITS }, attempt];
export const stopping = (attempt = 'a1'): Told => [
  { kind: 'attempt.stopping', reason: { kind: 'operator', note: 'stop' } },
  attempt,
];
export const ended = (attempt = 'a1'): Told => [
  {
    kind: 'attempt.ended',
    outcome: { kind: 'succeeded' },
    exit: { code: 0, signal: null },
    durationMs: 1000,
    survivors: 0,
  },
  attempt,
];

/** One whole run that ended well. */
export const PLAIN: readonly Told[] = [requested, admitted, starting(), started(), ended(), runEnded];

/** The facts of a story. */
export function factsOf(story: readonly Told[]): readonly RecordedFact[] {
  return story.map(([body, attempt], index) => ({
    ...body,
    run: RUN,
    ...(attempt === undefined ? {} : { attempt: attempt as AttemptId }),
    seq: index + 1,
    at: AT + index * 1000,
    mono: 50_000 + index * 1000,
    actor: 'daemon',
    configHash: 'c1',
  }));
}
