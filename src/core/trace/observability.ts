// What a run's facts tell beyond its end: its timeline, its leases, what a repetition costs, how long an interruption took.

import type { RecordedFact } from '../run/facts.ts';
import { elapsedMs, traceOf } from './event.ts';
import type { TraceEvent } from './event.ts';
import { leaseGraph, overlaps } from './lease-graph.ts';
import type { Lease, Overlap } from './lease-graph.ts';
import { timeline } from './timeline.ts';
import type { TimelineStep } from './timeline.ts';

/** All optional: what is not known is not there. */
export interface KernelObservability {
  readonly reasoningTimeline?: readonly TimelineStep[];
  readonly leaseGraph?: readonly Lease[];
  /** Leases that must not have existed at once; absent where there are none. */
  readonly leaseOverlaps?: readonly Overlap[];
  readonly replayCost?: ReplayCost;
  /** From the first interruption to the first resumption, where both times are known. */
  readonly interruptLatencyMs?: number;
  /** Events from the one to the other. */
  readonly interruptEvents?: number;
}

/** What it would take to run it again, judged by what it took; null: unknown, which is not zero. */
export interface ReplayCost {
  readonly events: number;
  readonly attempts: number;
  /** Time of all its attempts together. */
  readonly attemptMs: number | null;
  readonly cpuMs: number | null;
  readonly costMicroUsd: number | null;
}

/** What `facts` of one run, oldest first, tell; `costMicroUsd` is what the run was charged, where that is known. */
export function observe(facts: readonly RecordedFact[], costMicroUsd: number | null): KernelObservability {
  const leases = leaseGraph(facts);
  const atOnce = overlaps(leases);
  return {
    ...observeTrace(traceOf(facts)),
    ...(leases.length === 0 ? {} : { leaseGraph: leases }),
    ...(atOnce.length === 0 ? {} : { leaseOverlaps: atOnce }),
    ...(facts.length === 0 ? {} : { replayCost: replayCost(facts, costMicroUsd) }),
  };
}

/** What a bare trace tells. */
export function observeTrace(trace: readonly TraceEvent[]): KernelObservability {
  if (trace.length === 0) {
    return {};
  }
  return {
    reasoningTimeline: timeline(trace),
    replayCost: { events: trace.length, attempts: 0, attemptMs: null, cpuMs: null, costMicroUsd: null },
    ...interruption(trace),
  };
}

function replayCost(facts: readonly RecordedFact[], costMicroUsd: number | null): ReplayCost {
  const ends = facts.filter((fact) => fact.kind === 'attempt.ended');
  const cpuMs = facts.findLast((fact) => fact.kind === 'run.ended')?.cpuMs ?? null;
  return {
    events: facts.length,
    attempts: facts.filter((fact) => fact.kind === 'attempt.started').length,
    attemptMs: ends.length === 0 ? null : ends.reduce((sum, fact) => sum + fact.durationMs, 0),
    cpuMs,
    costMicroUsd,
  };
}

function interruption(
  trace: readonly TraceEvent[],
): Pick<KernelObservability, 'interruptLatencyMs' | 'interruptEvents'> {
  const from = trace.findIndex((event) => event.action === 'interrupted');
  const to = trace.findIndex((event) => event.action === 'resumed');
  const interrupted = trace[from];
  const resumed = trace[to];
  if (interrupted === undefined || resumed === undefined || to < from) {
    return {};
  }
  const ms = elapsedMs(interrupted, resumed);
  return { ...(ms === null ? {} : { interruptLatencyMs: ms }), interruptEvents: to - from };
}
