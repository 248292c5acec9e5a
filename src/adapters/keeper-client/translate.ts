// Turns what the port says into what the wire says, and back.

import type { AttemptId } from '../../core/ids.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import type { Nets, Remains, Stopping } from '../../os/attempt-watch.ts';
import type { LeafCounters } from '../../os/cgroup-limits.ts';
import { bootId } from '../../os/process-identity.ts';
import type { Entry, ExitEntry, StartEntry, StartNo, StartOrder } from '../../os/wire.ts';
import type {
  ExitReport,
  HeldAttempt,
  HostCursor,
  HostEvent,
  ProcessIdentity,
  StartReply,
  StartSpec,
} from '../../ports/execution-host.ts';

/** `spec` as the keeper wants it. */
export function orderOf(spec: StartSpec): StartOrder {
  const { attemptId, argv, env, cwd, stdinPath, outPath, errPath, pauseFlags } = spec;
  return {
    id: attemptId,
    argv,
    env,
    cwd,
    stdin: stdinPath,
    out: outPath,
    err: errPath,
    flags: pauseFlags,
    nets: netsOf(spec),
    limits: {
      memoryBytes: spec.limits.memoryBytes,
      memoryHighBytes: spec.limits.memoryHighBytes ?? null,
      pids: spec.limits.pids,
      cpuQuotaPercent: spec.limits.cpuQuotaPercent,
    },
  };
}

/** Limits and stop plans as the watch wants them. */
export function netsOf({ limits, stopPlans }: Pick<HeldAttempt, 'limits' | 'stopPlans'>): Nets {
  return { ...limits, plans: stopPlans };
}

/** Who the process of a journal entry is. */
export function identityIn(entry: StartEntry, boot = bootId()): ProcessIdentity {
  return { bootId: boot, pid: entry.pid, startTicks: entry.ticks };
}

/** The event that `entry` stands for. `boot`: in which its keeper lived. */
export function eventOf(entry: Entry, boot: string, cursor: HostCursor): HostEvent {
  const attemptId = entry.id as AttemptId;
  switch (entry.k) {
    case 'start':
      return {
        kind: 'started',
        attemptId,
        identity: identityIn(entry, boot),
        enforcement: entry.held,
        at: entry.at,
        cursor,
      };
    case 'stopping':
      return { kind: 'stopping', attemptId, reason: entry.reason as StopReason, at: entry.at, cursor };
    case 'exit':
      return { kind: 'exited', report: reportOf(entry), cursor };
  }
}

function reportOf(entry: ExitEntry): ExitReport {
  return {
    attemptId: entry.id as AttemptId,
    code: entry.code,
    signal: entry.signal,
    hostDied: false,
    didNotStart: entry.unstarted,
    startedAt: entry.startedAt,
    endedAt: entry.at,
    durationMs: entry.ms,
    cpuMs: entry.cpuMs,
    peakMemoryBytes: entry.peak,
    enforcement: entry.held,
    stop: stopOf(entry.stop),
    output: { writtenBytes: entry.written, cutBytes: entry.cut },
    kernel: entry.kernel ?? null,
    survivors: entry.survivors,
  };
}

/** The report of an attempt whose keeper died: nobody can have its code. */
export function orphanReport(
  attempt: { readonly start: StartEntry; readonly durationMs: number; readonly counters: LeafCounters | null },
  remains: Remains,
  stopping: Stopping | null,
): ExitReport {
  const { start, durationMs, counters } = attempt;
  return {
    attemptId: start.id as AttemptId,
    hostDied: true,
    code: null,
    signal: null,
    didNotStart: null,
    // What all together ran into while it lived only its keeper could have said.
    kernel: counters === null ? null : { ...counters, sharedLimitHits: 0 },
    startedAt: start.at,
    endedAt: Date.now(),
    durationMs,
    cpuMs: Math.round(remains.cpuMs),
    peakMemoryBytes: remains.peakMemoryBytes,
    enforcement: start.held,
    stop: stopOf(stopping),
    output: { writtenBytes: remains.writtenBytes, cutBytes: remains.cutBytes },
    survivors: remains.survivors,
  };
}

/** `event` with a stop that its keeper did not know of. */
export function withStop(event: HostEvent, stopping: Stopping | null): HostEvent {
  return event.kind === 'exited' && event.report.stop === null
    ? { ...event, report: { ...event.report, stop: stopOf(stopping) } }
    : event;
}

/** A refused start as the port says it; null: the attempt is, or goes, elsewhere. */
export function replyOf(no: StartNo): StartReply | null {
  switch (no.kind) {
    case 'already':
      return { kind: 'already_started', identity: identityIn(no.start), enforcement: no.start.held };
    case 'ended':
      return { kind: 'already_ended' };
    case 'paused':
      return no;
    case 'unstarted':
      return { kind: 'did_not_start', cause: no.cause, message: no.message };
    case 'ending':
      return null;
  }
}

function stopOf(stop: { readonly reason: unknown; readonly at: number } | null): ExitReport['stop'] {
  return stop === null ? null : { reason: stop.reason as StopReason, at: stop.at };
}
