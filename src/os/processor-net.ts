// The kernel's own limit of processor time, behind ours: per process, where ours is that of the tree.

/** As a multiple of the tree's: a second net if we should be too slow. */
const FACTOR = 2;

/** Seconds for `ulimit -t` where a tree may use `cpuMs`; null: no limit. */
export function processorNetSeconds(cpuMs: number | null): number | null {
  return cpuMs === null ? null : Math.max(1, Math.ceil((cpuMs * FACTOR) / 1000));
}
