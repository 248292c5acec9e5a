// What a kernel counts of an attempt: told by the host, kept with the attempt, believed when its end is named.

/** What the kernel counted of one attempt: the proof of an OOM, and whose limit it was, or of refused forks. */
export interface KernelCounters {
  readonly oomKills: number;
  /** Out of memory below the attempt's own limit. */
  readonly ownLimitHits: number;
  /** Out of memory below the limit of a group that it shared with others, while it lived. */
  readonly sharedLimitHits: number;
  /** Folder of that group, the nearest; absent: none, or unknown. */
  readonly sharedLimit?: string;
  readonly pidsRefused: number;
  /** How often it was at its own memory limit and had to give some back first; absent: not told. */
  readonly atLimit?: number;
  /** For how long its share of a processor was used up; absent: not told. */
  readonly throttledMs?: number;
}
