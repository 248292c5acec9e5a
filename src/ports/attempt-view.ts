// One attempt of a run, and the folder that the run works in, as `show` prints them with --json. Instants are epoch ms.

import type { Outcome } from '../core/run/outcome.ts';
import type { KernelCounters } from '../core/run/kernel-counters.ts';
import type { AttemptPurpose, ExitStatus } from '../core/run/run.ts';
import type { Activity } from '../core/supervise/liveness.ts';
import type { StopReason } from '../core/supervise/stop-plan.ts';
import type { Workspace } from '../core/workspace/workspace.ts';

/** `state`: being made, there, kept after the end, or gone. */
export type WorkspaceView = Pick<Workspace, 'kind' | 'path' | 'branch' | 'state' | 'bytes'>;

/** What a live attempt does, by the evidence of its output and its processes. */
export interface ActivityView {
  readonly state: Activity;
  /** Since its last word, or its start. */
  readonly silentMs: number;
}

/** One attempt inside `show`. */
export interface AttemptView {
  readonly id: string;
  readonly number: number;
  readonly purpose: AttemptPurpose;
  readonly state: string;
  readonly pid: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: Outcome | null;
  readonly exit: ExitStatus | null;
  /** What the kernel counted of it; absent: it has not ended, or nothing counted. */
  readonly kernel?: KernelCounters;
  readonly stop: StopReason | null;
  readonly note: string | null;
  readonly sessionId: string | null;
  /** Absent: it has ended, nobody follows it, or it cannot be told. */
  readonly activity?: ActivityView;
  readonly outPath: string;
  readonly errPath: string | null;
  readonly limits: {
    readonly wallMs: number;
    readonly memoryBytes: number | null;
    readonly cpuMs: number | null;
    readonly pids: number | null;
  };
}
