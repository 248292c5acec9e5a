// What only the machine can say.

import type { AttemptId } from '../core/ids.ts';
import type { TreeWaits } from '../core/supervise/liveness.ts';
import type { ProcessIdentity } from './execution-host.ts';

/** Disk and memory. */
export interface MachineLook {
  /** Room for what the factory writes; each null where it cannot be told. */
  disk(): Promise<{ readonly freeBytes: number | null; readonly freeInodes: number | null }>;
  /** Share of the last ten seconds in which work stood still for want of it; null where the kernel does not tell. */
  pressurePercent(of: 'memory' | 'cpu'): number | null;
  readonly totalMemoryBytes: number;
  /** The file that `name` starts for whom has `path`; null: none can be executed. */
  findProgram(name: string, path: string | undefined): string | null;
  /** How busy the machine is; null where it cannot be told. */
  load(): { readonly cpuPercent: number | null; readonly memoryUsedBytes: number | null };
  /** What the processes of `attempt`, whose first one is `process`, wait for; null: cannot be seen. */
  waits(process: ProcessIdentity, attempt: AttemptId): TreeWaits | null;
  /** Whether exactly this process is alive; null: cannot be told. */
  isAlive(process: ProcessIdentity): Promise<boolean | null>;
}
