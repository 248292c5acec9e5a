// What one cycle of the watchdog answers, as JSON.

import type { LeftAlone } from '../core/watch/cycle.ts';

/** What one cycle of the watchdog saw and did. */
export interface WatchView {
  readonly at: number;
  /** Attempts whose status was asked. */
  readonly checked: number;
  /** Of these: could not be told, and left as they are. */
  readonly unknown: readonly { readonly run: string; readonly agent: string }[];
  /** Gone behind the supervisor's back, and recorded as such. */
  readonly pruned: readonly { readonly run: string; readonly agent: string; readonly found: 'failed' | 'stopped' }[];
  /** Replicas that admission was asked for. */
  readonly reconciled: readonly { readonly agent: string; readonly replicas: readonly number[] }[];
  /** Degraded, and left alone, each with its reason. */
  readonly left: readonly { readonly agent: string; readonly why: LeftAlone; readonly text: string }[];
  /** Agents that could not be seen to; the cycle went on. */
  readonly failed: readonly { readonly agent: string; readonly message: string }[];
}
