// Turns what the service manager recorded of an attempt into its exit report.

import type { AttemptId } from '../../core/ids.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import type { Remains, Stopping } from '../../os/attempt-watch.ts';
import { proofOfSignal, startFailure } from '../../os/start-wrapper.ts';
import { ticksToMs } from '../../os/proc.ts';
import type { Enforcement, ExitReport } from '../../ports/execution-host.ts';
import type { ExitRecord, StartRecord } from './record-script.ts';
import type { Recorded } from './records.ts';

/** Everything known of an attempt that has ended. */
export interface Ended {
  readonly attemptId: AttemptId;
  /** Null: its program was never executed. */
  readonly start: Recorded<StartRecord> | null;
  /** Null: it is gone and its record was never written. */
  readonly exit: Recorded<ExitRecord> | null;
  readonly remains: Pick<Remains, 'writtenBytes' | 'cutBytes' | 'cpuMs' | 'peakMemoryBytes'>;
  readonly stopping: Stopping | null;
  readonly enforcement: Enforcement;
  /** Null where nobody remembers. */
  readonly asked: { readonly program: string; readonly cwd: string } | null;
  readonly wallMs: number | null;
  readonly now: number;
}

/** The report of `ended`. */
export function reportOf(ended: Ended): ExitReport {
  const { attemptId, start, exit, remains, enforcement } = ended;
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
    enforcement,
    stop: stopOf(ended),
    output: { writtenBytes: remains.writtenBytes, cutBytes: remains.cutBytes },
    kernel: kernel === null ? null : { ...kernel, sharedLimitHits: sharedHitsBetween(start?.record ?? null, record) },
    // The manager ends what outlives the first process, and does not count it.
    survivors: 0,
  };
}

/** Without a start nobody knows which of them came before. */
function sharedHitsBetween(start: StartRecord | null, exit: ExitRecord | null): number {
  return start === null || exit === null ? 0 : Math.max(0, exit.sharedHits - start.sharedHits);
}

/** By the clock of the boot, from the birth of the process where that could be seen. */
function durationMs(start: StartRecord | null, exit: ExitRecord | null): number | null {
  if (start === null || exit === null || start.bootId !== exit.bootId) {
    return null;
  }
  const bornMs = start.startTicks === 0 ? start.uptimeMs : ticksToMs(start.startTicks);
  return Math.max(0, Math.round(exit.uptimeMs - bornMs));
}

function didNotStart({ start, exit, asked }: Ended): ExitReport['didNotStart'] {
  if (exit === null) {
    return null;
  }
  const word = exit.record.signal === null ? null : proofOfSignal(exit.record.signal);
  if (word !== null) {
    return startFailure(word, asked ?? { program: 'the program', cwd: '' });
  }
  const { result, code, kernel } = exit.record;
  // The kernel may end the group before the start is recorded: what used up memory had started.
  return start === null && (kernel?.oomKills ?? 0) === 0
    ? { cause: 'host', message: `the service manager could not start it: ${result}, status ${code ?? 'unknown'}` }
    : null;
}

function stopOf({ stopping, exit, wallMs }: Ended): ExitReport['stop'] {
  if (stopping !== null) {
    return { reason: stopping.reason as StopReason, at: stopping.at };
  }
  // The manager's own second net: we were away when the time was over.
  return exit?.record.result === 'timeout' && wallMs !== null
    ? { reason: { kind: 'wall', limitMs: wallMs }, at: exit.at }
    : null;
}
