// Turns what the service manager recorded of an attempt into its exit report.

import type { AttemptId } from '../../core/ids.ts';
import type { KernelCounters } from '../../core/run/kernel-counters.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import type { Remains, Stopping } from '../../os/attempt-watch.ts';
import { startFailure, type GaveUp } from '../../os/start-wrapper.ts';
import { ticksToMs } from '../../os/proc.ts';
import type { Enforcement, ExitReport } from '../../ports/execution-host.ts';
import { notStarted } from './not-started.ts';
import type { ExitRecord, StartRecord } from './record-script.ts';
import type { Terms } from './live-unit.ts';
import type { Recorded } from './records.ts';

/** Everything known of an attempt that has ended. */
export interface Ended {
  readonly attemptId: AttemptId;
  /** Null: none was recorded, mostly because its program was never executed. */
  readonly start: Recorded<StartRecord> | null;
  /** Null: it is gone and its record was never written. */
  readonly exit: Recorded<ExitRecord> | null;
  readonly remains: Pick<Remains, 'writtenBytes' | 'cutBytes' | 'cpuMs' | 'peakMemoryBytes'>;
  readonly stopping: Stopping | null;
  /** Said where no record says how limits were held. */
  readonly heldNow: Enforcement;
  /** Why its program never ran, proved by its wrapper; null: it may have. */
  readonly proved: GaveUp | null;
  /** Null where nobody remembers. */
  readonly terms: Pick<Terms, 'argv' | 'cwd' | 'limits'> | null;
  readonly now: number;
}

/** The report of `ended`. */
export function reportOf(ended: Ended): ExitReport {
  const { attemptId, start, exit, remains } = ended;
  const endedAt = exit?.at ?? ended.now;
  const startedAt = start?.at ?? endedAt;
  const record = exit?.record ?? null;
  const kernel = record?.kernel ?? null;
  return {
    attemptId,
    code: record?.code ?? null,
    signal: record?.signal ?? null,
    hostDied: record === null,
    didNotStart: didNotStart(ended),
    startedAt,
    endedAt,
    durationMs: durationMs(start?.record ?? null, record) ?? Math.max(0, endedAt - startedAt),
    cpuMs: record?.cpuMs ?? Math.round(remains.cpuMs),
    peakMemoryBytes: record?.peakMemoryBytes ?? remains.peakMemoryBytes,
    enforcement: start?.record.held ?? record?.held ?? ended.heldNow,
    stop: stopOf(ended),
    output: { writtenBytes: remains.writtenBytes, cutBytes: remains.cutBytes },
    kernel: kernel === null ? null : { ...kernel, ...sharedLimit(start?.record ?? null, record) },
    // The manager ends what outlives the first process, and does not count it.
    survivors: 0,
  };
}

/** The nearest group above whose limit was reached meanwhile. Without a start nobody knows what came before. */
function sharedLimit(
  start: StartRecord | null,
  exit: ExitRecord | null,
): Pick<KernelCounters, 'sharedLimitHits' | 'sharedLimit'> {
  const before = start?.oomsAbove ?? [];
  const hits = (exit?.oomsAbove ?? []).map((ooms, level) => ooms - (before[level] ?? ooms));
  const level = hits.findIndex((each) => each > 0);
  return level < 0 || start === null
    ? { sharedLimitHits: 0 }
    : {
        sharedLimitHits: hits[level] ?? 0,
        sharedLimit: start.group
          .split('/')
          .slice(0, -1 - level)
          .join('/'),
      };
}

/** By the clock of the boot, from the birth of the process where that could be seen. */
function durationMs(start: StartRecord | null, exit: ExitRecord | null): number | null {
  if (start === null || exit === null || start.bootId !== exit.bootId) {
    return null;
  }
  const bornMs = start.startTicks === 0 ? start.uptimeMs : ticksToMs(start.startTicks);
  return Math.max(0, Math.round(exit.uptimeMs - bornMs));
}

function didNotStart({ start, exit, proved, terms }: Ended): ExitReport['didNotStart'] {
  if (exit === null) {
    return null;
  }
  if (proved !== null) {
    return startFailure(proved, { program: terms?.argv?.[0] ?? 'the program', cwd: terms?.cwd ?? '' });
  }
  // The kernel may end the group before the start is recorded: what used up memory had started.
  return start === null && (exit.record.kernel?.oomKills ?? 0) === 0 ? notStarted(exit.record) : null;
}

function stopOf({ stopping, exit, terms }: Ended): ExitReport['stop'] {
  if (stopping !== null) {
    return { reason: stopping.reason as StopReason, at: stopping.at };
  }
  // The manager's own second net: we were away when the time was over.
  return exit?.record.result === 'timeout' && terms !== null
    ? { reason: { kind: 'wall', limitMs: terms.limits.wallMs }, at: exit.at }
    : null;
}
