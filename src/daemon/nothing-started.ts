// What there is to report of an attempt that the host never began.

import type { AttemptId } from '../core/ids.ts';
import type { ExitReport } from '../ports/execution-host.ts';

/** The report of `attemptId`, at `now` (epoch ms). */
export function nothingStarted(
  attemptId: AttemptId,
  didNotStart: NonNullable<ExitReport['didNotStart']>,
  now: number,
): ExitReport {
  return {
    attemptId,
    code: null,
    signal: null,
    hostDied: false,
    didNotStart,
    startedAt: now,
    endedAt: now,
    durationMs: 0,
    cpuMs: null,
    peakMemoryBytes: null,
    enforcement: { memory: 'none', cpu: 'none', pids: 'none', cpuQuota: 'none', tree: 'marker' },
    stop: null,
    output: { writtenBytes: 0, cutBytes: 0 },
    kernel: null,
    survivors: 0,
  };
}
