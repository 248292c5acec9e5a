// How a run ended: one closed union, never mixed with where it is (lifecycle.ts).

import type { Reason } from '../admission/reasons.ts';

/** How one attempt, and with its last attempt the run, ended. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly class: FailureClass; readonly reason: string }
  | { readonly kind: 'timed_out'; readonly limit: 'wall' | 'cpu'; readonly reason: string }
  | { readonly kind: 'stalled'; readonly reason: string }
  | { readonly kind: 'canceled'; readonly by: CanceledBy; readonly reason: string }
  | { readonly kind: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'lost'; readonly cause: LostCause; readonly reason: string };

/** Kinds that count as failures; a lost one too: whatever became of it, the work was not done. */
export const FAILURE_KINDS: readonly Outcome['kind'][] = ['failed', 'timed_out', 'stalled', 'lost'];

/** Who ended a run that could have gone on. */
export type CanceledBy = 'operator' | 'drain' | 'replaced' | 'shutdown' | 'paused' | 'removed' | 'redefined';

/** Why nobody can say how an attempt ended. */
export type LostCause = 'reboot' | 'keeper_died' | 'unknown';

/** Every way in which an attempt fails by itself, for all CLIs (agent-clis.md, classification table). */
export type FailureClass =
  | 'agent_failure'
  | 'no_result'
  | 'empty_success'
  | 'auth'
  | 'billing'
  | 'quota'
  | 'rate'
  | 'overload'
  | 'network'
  | 'context'
  | 'own_limit'
  | 'bad_session'
  | 'setup'
  | 'missing_program'
  | 'did_not_start'
  | 'precheck'
  | 'oom'
  | 'output'
  | 'pids'
  | 'killed';
