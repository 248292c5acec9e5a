// Decides by processor time whether a silent attempt works: the second proof, without which silence alone ends nobody.

/** Processor time is compared over at least this long. */
export const PROOF_MS = 30_000;
/** Share of one processor from which on a tree works; a CLI that only waits for its model uses less than a hundredth. */
export const WORKING_SHARE = 0.05;

/** What the tree of an attempt had used at an instant of the monotonic clock. */
export interface CpuSample {
  readonly at: number;
  readonly cpuMs: number;
}

/** `working`: its processes compute; `idle`: they do not; `unknown`: nobody can say yet. */
export type Liveness = 'working' | 'idle' | 'unknown';

/** What two looks at one tree say. Two seconds of processor time within 30 s are a compiler, 0.2 s are a timer. */
export function liveness(before: CpuSample | null, now: CpuSample): Liveness {
  const elapsedMs = before === null ? 0 : now.at - before.at;
  if (before === null || elapsedMs < PROOF_MS || now.cpuMs < before.cpuMs) {
    return 'unknown';
  }
  return now.cpuMs - before.cpuMs >= elapsedMs * WORKING_SHARE ? 'working' : 'idle';
}
