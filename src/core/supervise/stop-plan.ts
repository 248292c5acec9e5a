// Decides how an attempt is stopped: which signal at which moment, and when the whole tree is killed.

/** Why an attempt is being stopped; the first reason wins and is kept with the attempt. */
export type StopReason =
  | { readonly kind: 'wall'; readonly limitMs: number }
  | { readonly kind: 'cpu'; readonly limitMs: number; readonly usedMs: number }
  /** Over the limit, or (`throttled`) for a minute at the mark where the kernel slows down. */
  | { readonly kind: 'memory'; readonly limitBytes: number; readonly usedBytes: number; readonly throttled?: boolean }
  /** More than may be kept where nothing can be cut out, or (`perSecond`) growth faster than allowed. */
  | { readonly kind: 'output'; readonly limitBytes: number; readonly usedBytes: number; readonly perSecond?: boolean }
  | { readonly kind: 'stall'; readonly silentMs: number; readonly limitMs: number }
  | { readonly kind: 'first_output'; readonly limitMs: number }
  /** It waits for input that nobody writes; the note holds the proofs. */
  | { readonly kind: 'parked'; readonly note: string }
  | { readonly kind: 'driver'; readonly advice: string }
  /** A budget that covers it is spent. */
  | { readonly kind: 'budget'; readonly text: string }
  | { readonly kind: 'finished'; readonly note: string }
  | { readonly kind: 'operator'; readonly note: string }
  | { readonly kind: 'drain' }
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'removed' }
  /** agents.toml defines the agent differently now. */
  | { readonly kind: 'redefined' }
  /** A pre-check whose daemon died: what it says would be old, it is asked again. */
  | { readonly kind: 'stale' };

/** What is done at one step: SIGINT or SIGTERM to the agent's processes, or the end of the whole tree. */
export type StopAction = 'interrupt' | 'terminate' | 'kill';

/** The steps of one stop; `afterMs` counts from the moment the stop was asked for and rises. Ends with `kill`. */
export type StopPlan = readonly { readonly afterMs: number; readonly action: StopAction }[];

/** How a program wants to be asked: model CLIs report their cost on an interrupt, other programs know only terminate. */
export type StopManner = 'interrupt-first' | 'terminate-first';

/** An allocator takes a gigabyte a second, a flood as much; who shuts down or asks again does not want an answer. */
const WITHOUT_GRACE: ReadonlySet<StopReason['kind']> = new Set(['memory', 'output', 'shutdown', 'stale']);

/** The ladder for `reason` within `graceMs` (the whole time from the first signal to the kill). */
export function stopPlan(reason: StopReason['kind'], graceMs: number, manner: StopManner): StopPlan {
  if (WITHOUT_GRACE.has(reason)) {
    return [{ afterMs: 0, action: 'kill' }];
  }
  if (manner === 'terminate-first') {
    return [
      { afterMs: 0, action: 'terminate' },
      { afterMs: graceMs, action: 'kill' },
    ];
  }
  return [
    { afterMs: 0, action: 'interrupt' },
    { afterMs: Math.floor(graceMs / 2), action: 'terminate' },
    { afterMs: graceMs, action: 'kill' },
  ];
}
