// Decides for one agent that is always on whether replicas of it are missing, and whether they are ours to start again.

/** Why a degraded agent is left alone. */
export type LeftAlone = 'pinned' | 'draining' | 'paused' | 'quarantined' | 'in_flight';

/** One agent that is always on, as a cycle finds it after it has pruned. */
export interface Stand {
  /** Replicas wanted; 0 for an agent that is switched off or not always on. */
  readonly desired: number;
  /** Replicas that live. */
  readonly alive: readonly number[];
  /** Replicas that were asked for and are not alive yet. */
  readonly asked: readonly number[];
  /** Another node that it belongs to. */
  readonly pinnedTo: string | null;
  readonly draining: boolean;
  /** What pauses it. */
  readonly paused: string | null;
  readonly quarantine: string | null;
}

/** What a cycle does about an agent. */
export type WatchStep =
  | { readonly kind: 'enough' }
  | { readonly kind: 'start'; readonly replicas: readonly number[] }
  | { readonly kind: 'leave'; readonly why: LeftAlone; readonly text: string };

/** The step for `stand`. More than desired is left as it is: the watchdog starts, it never stops. */
export function watchStep(stand: Stand): WatchStep {
  const missing = Array.from({ length: stand.desired }, (_, replica) => replica).filter(
    (replica) => !stand.alive.includes(replica),
  );
  if (missing.length === 0 || stand.alive.length >= stand.desired) {
    return { kind: 'enough' };
  }
  if (stand.pinnedTo !== null) {
    return { kind: 'leave', why: 'pinned', text: `placed on ${stand.pinnedTo}: started there, not here` };
  }
  if (stand.draining) {
    return { kind: 'leave', why: 'draining', text: 'the factory drains: nothing new is started' };
  }
  if (stand.paused !== null) {
    return { kind: 'leave', why: 'paused', text: stand.paused };
  }
  if (stand.quarantine !== null) {
    return { kind: 'leave', why: 'quarantined', text: stand.quarantine };
  }
  const replicas = missing.filter((replica) => !stand.asked.includes(replica));
  return replicas.length === 0
    ? { kind: 'leave', why: 'in_flight', text: `asked for already: ${missing.length} of ${stand.desired}` }
    : { kind: 'start', replicas };
}
