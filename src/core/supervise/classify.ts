// Turns what the OS said, what the driver proved and why we stopped it into one outcome.

import { formatBytes } from '../../lib/bytes.ts';
import { formatDuration } from '../../lib/duration.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { FailureClass, Outcome } from '../run/outcome.ts';
import type { KernelCounters } from '../run/kernel-counters.ts';
import { canceled } from './canceled.ts';
import type { StopReason } from './stop-plan.ts';

/** The end of an attempt, in words of core (the ports' ExitReport and DriverVerdict without what does not matter here). */
export interface EndOfAttempt {
  readonly hostDied: boolean;
  readonly didNotStart: {
    readonly cause: 'program' | 'directory' | 'limits' | 'user' | 'host' | 'keeper_died';
    readonly message: string;
  } | null;
  readonly stop: StopReason | null;
  readonly kernel: KernelCounters | null;
  readonly limits: { readonly memoryBytes: number | null; readonly pids: number | null };
  readonly peakMemoryBytes: number | null;
  readonly signal: string | null;
  /** What the driver says; null when it was never asked (nothing started). */
  readonly driver: {
    readonly outcome: 'succeeded' | 'failed' | 'stopped';
    readonly class: FailureClass | null;
    readonly evidence: string;
  } | null;
  /** The stream held the CLI's own terminal event: then the driver is believed even where the exit status is unknown. */
  readonly proved: boolean;
}

/** The one outcome. Order: never started, our own limits, our own stop, the kernel, the driver; a dead host last of all. */
export function classify(end: EndOfAttempt): Outcome {
  if (end.didNotStart !== null) {
    const missing = end.didNotStart.cause === 'program' || end.didNotStart.cause === 'directory';
    return { kind: 'failed', class: missing ? 'missing_program' : 'did_not_start', reason: end.didNotStart.message };
  }
  if (end.kernel !== null && end.kernel.oomKills > 0) {
    return { kind: 'failed', class: 'oom', reason: oomText(end, end.kernel) };
  }
  if (isProvidersFault(end)) {
    return { kind: 'failed', class: end.driver.class, reason: end.driver.evidence };
  }
  if (end.stop !== null && end.stop.kind !== 'finished') {
    return stopped(end.stop, end);
  }
  if (end.hostDied && !end.proved) {
    return {
      kind: 'lost',
      cause: 'keeper_died',
      reason: 'the process that held it died; nobody knows its exit status',
    };
  }
  if (end.kernel !== null && end.kernel.pidsRefused > 0 && end.driver?.outcome !== 'succeeded') {
    return {
      kind: 'failed',
      class: 'pids',
      reason: `max_pids ${end.limits.pids ?? ''} reached (${end.kernel.pidsRefused} forks refused)`,
    };
  }
  if (end.driver === null) {
    return { kind: 'lost', cause: 'unknown', reason: 'ended without a report' };
  }
  if (end.driver.outcome === 'succeeded') {
    return { kind: 'succeeded' };
  }
  return { kind: 'failed', class: end.driver.class ?? 'agent_failure', reason: end.driver.evidence };
}

/** Whose limit it was, by the counters: its own, that of a group above (all agents together), or the whole machine had no memory left. */
function oomText(end: EndOfAttempt, kernel: KernelCounters): string {
  const { ownLimitHits, sharedLimitHits, sharedLimit } = kernel;
  const peak = `peak ${formatBytes(end.peakMemoryBytes ?? 0)}`;
  if (ownLimitHits > 0) {
    const limit = end.limits.memoryBytes === null ? 'its limit' : formatBytes(end.limits.memoryBytes);
    return `memory ${limit} (kernel: own limit, ${peak})`;
  }
  return sharedLimitHits > 0
    ? `memory of all agents together (kernel: ${sharedLimit === undefined ? 'shared limit' : `limit of ${sharedLimit}`} reached ${sharedLimitHits}×, ${peak})`
    : `memory of the machine (kernel: no limit of ours reached, ${peak})`;
}

/** Classes in which a CLI waits for its provider: whoever stopped the waiting, the agent is not to blame. */
const WAITED_FOR: ReadonlySet<FailureClass | null> = new Set(['rate', 'quota', 'overload', 'network']);
const OUT_OF_TIME: ReadonlySet<StopReason['kind']> = new Set(['wall', 'stall', 'first_output', 'parked']);

function isProvidersFault(
  end: EndOfAttempt,
): end is EndOfAttempt & { readonly driver: { readonly class: FailureClass; readonly evidence: string } } {
  const { stop, driver } = end;
  return stop !== null && OUT_OF_TIME.has(stop.kind) && driver?.outcome === 'failed' && WAITED_FOR.has(driver.class);
}

function stopped(stop: Exclude<StopReason, { kind: 'finished' }>, end: EndOfAttempt): Outcome {
  switch (stop.kind) {
    case 'wall':
      return { kind: 'timed_out', limit: 'wall', reason: `ran longer than timeout ${formatDuration(stop.limitMs)}` };
    case 'cpu':
      return {
        kind: 'timed_out',
        limit: 'cpu',
        reason: `used ${formatDuration(stop.usedMs)} of processor time, limit ${formatDuration(stop.limitMs)}`,
      };
    case 'memory':
      return {
        kind: 'failed',
        class: 'oom',
        reason:
          stop.throttled === true
            ? `memory_high ${formatBytes(stop.limitBytes)} (throttled by the kernel for a minute, used ${formatBytes(stop.usedBytes)})`
            : `memory ${formatBytes(stop.limitBytes)} (used ${formatBytes(stop.usedBytes)}, sampled)`,
      };
    case 'output':
      return {
        kind: 'failed',
        class: 'output',
        reason: `output ${formatBytes(stop.usedBytes)}, limit ${formatBytes(stop.limitBytes)}`,
      };
    case 'stall':
      return {
        kind: 'stalled',
        reason: `silent for ${formatDuration(stop.silentMs)}, limit ${formatDuration(stop.limitMs)}`,
      };
    case 'first_output':
      return { kind: 'stalled', reason: `no output within ${formatDuration(stop.limitMs)}` };
    case 'parked':
      return { kind: 'stalled', reason: `parked: ${stop.note}` };
    case 'budget':
      return { kind: 'failed', class: 'own_limit', reason: `stopped at its budget: ${stop.text}` };
    case 'driver':
      return {
        kind: 'failed',
        class: end.driver?.class ?? 'agent_failure',
        reason: end.driver?.evidence ?? stop.advice,
      };
    case 'stale':
      return { kind: 'lost', cause: 'unknown', reason: 'the daemon that asked it died' };
    case 'operator':
    case 'drain':
    case 'shutdown':
    case 'replaced':
    case 'paused':
    case 'removed':
    case 'redefined':
      return canceled(stop);
    default:
      return unreachable(stop);
  }
}
