// Everything that happens, as one union: ledger, log, feed and metrics all read these and nothing else.

import type { AlertEnd, AlertRule, Severity } from '../alert/alert.ts';
import type { Remedy } from '../alert/remedy.ts';
import type { AgentKey, AttemptId, ProjectId, RunId } from '../ids.ts';
import type { Reason } from '../admission/reasons.ts';
import type { StopReason } from '../supervise/stop-plan.ts';
import type { Outcome } from './outcome.ts';
import type { AttemptEnforcement, AttemptPurpose, ExitStatus, Trigger } from './run.ts';

/** Who caused a fact. */
export type Actor = 'daemon' | 'operator' | 'scheduler' | 'host' | 'outbox' | 'recovery';

/** What a fact is about; each is set where it applies. */
export interface FactSubject {
  readonly run?: RunId;
  readonly attempt?: AttemptId;
  readonly agent?: AgentKey;
  readonly project?: ProjectId;
}

/** One fact before it is written. */
export type Fact = FactSubject & FactBody;

/** What happened, in the past tense. */
export type FactBody =
  | { readonly kind: 'run.requested'; readonly trigger: Trigger }
  | { readonly kind: 'run.admitted' }
  | { readonly kind: 'run.deferred'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'run.refused'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'run.retrying'; readonly notBefore: number; readonly reason: string }
  | { readonly kind: 'run.restored'; readonly reason: string }
  | {
      readonly kind: 'run.ended';
      readonly outcome: Outcome;
      readonly durationMs: number | null;
      readonly cpuMs: number | null;
      readonly peakMemoryBytes: number | null;
      readonly note: string | null;
    }
  | { readonly kind: 'slots.refused'; readonly from: number; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'slots.missed';
      readonly from: number;
      readonly to: number;
      readonly count: number;
      readonly reason: Reason;
    }
  | { readonly kind: 'attempt.starting'; readonly purpose: AttemptPurpose }
  | { readonly kind: 'workspace.ready'; readonly path: string; readonly branch: string | null }
  | { readonly kind: 'workspace.kept'; readonly path: string; readonly branch: string | null; readonly bytes: number }
  /** The folder is gone; `branch`: the work that is still there. */
  | { readonly kind: 'workspace.gone'; readonly path: string; readonly branch: string | null }
  /** It could not be tidied up, and is tried again. */
  | { readonly kind: 'workspace.stuck'; readonly path: string; readonly message: string; readonly retryAt: number }
  | {
      readonly kind: 'attempt.started';
      readonly pid: number;
      readonly enforcement: AttemptEnforcement;
    }
  /** Somebody wishes it to end; the host is asked, and asked again, until it says "stopping" or that it has ended. */
  | { readonly kind: 'attempt.stop_asked'; readonly reason: StopReason }
  | { readonly kind: 'attempt.stopping'; readonly reason: StopReason }
  | {
      readonly kind: 'attempt.ended';
      readonly outcome: Outcome;
      readonly exit: ExitStatus;
      readonly durationMs: number;
      readonly survivors: number;
    }
  | { readonly kind: 'clock.stepped'; readonly byMs: number; readonly epoch: number }
  | { readonly kind: 'scheduler.late'; readonly byMs: number }
  | { readonly kind: 'daemon.started'; readonly version: string; readonly pid: number; readonly held: number }
  /** Told by the next daemon, from the dead-man's note. */
  | { readonly kind: 'daemon.silent'; readonly since: number; readonly forMs: number }
  | { readonly kind: 'daemon.stopped'; readonly how: string }
  | {
      readonly kind: 'config.loaded';
      readonly hash: string;
      readonly added: readonly string[];
      readonly changed: readonly string[];
      readonly removed: readonly string[];
    }
  /** Each error in its line, with its place; `rest` are those after the first, as far as they are told. */
  | {
      readonly kind: 'config.rejected';
      readonly errors: number;
      readonly first: string;
      readonly rest?: readonly string[];
    }
  /** The same of the warnings about a configuration that is in force. */
  | {
      readonly kind: 'config.warned';
      readonly warnings: number;
      readonly first: string;
      readonly rest: readonly string[];
    }
  /** Written before anything is done. */
  | {
      readonly kind: 'reconcile.started';
      readonly by: string;
      readonly plan: string;
      readonly number: number;
      readonly of: number;
      readonly created: number;
      readonly updated: number;
      readonly deleted: number;
    }
  | {
      readonly kind: 'reconcile.ended';
      readonly by: string;
      readonly success: boolean;
      readonly created: number;
      readonly updated: number;
      readonly deleted: number;
      readonly errors: readonly string[];
    }
  | { readonly kind: 'pause.set'; readonly flag: string; readonly owner: 'human' | 'breaker' }
  | { readonly kind: 'pause.lifted'; readonly flag: string; readonly by: string }
  | { readonly kind: 'breaker.counted'; readonly failures: number; readonly threshold: number; readonly class: string }
  | {
      readonly kind: 'breaker.opened';
      readonly incident: string;
      readonly failures: number;
      readonly class: string;
      readonly reason: string;
    }
  | { readonly kind: 'breaker.half_opened'; readonly incident: string; readonly reason: string }
  /** A success while open: its run began before the trip. */
  | { readonly kind: 'breaker.success_noted'; readonly incident: string }
  | { readonly kind: 'breaker.closed'; readonly incident: string | null; readonly reason: string }
  | { readonly kind: 'breaker.isolated'; readonly reason: string }
  | { readonly kind: 'quarantine.opened'; readonly reason: string }
  | { readonly kind: 'quarantine.released'; readonly reason: string }
  | { readonly kind: 'budget.near'; readonly budget: string; readonly text: string; readonly until: number }
  | { readonly kind: 'budget.spent'; readonly budget: string; readonly text: string; readonly until: number }
  | {
      readonly kind: 'budget.overridden';
      readonly budget: string;
      readonly factor: number;
      readonly until: number;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'provider.held';
      readonly account: string;
      readonly class: string;
      readonly until: number;
      readonly reason: string;
    }
  /** One run tries whether the account works again. */
  | { readonly kind: 'provider.probing'; readonly account: string }
  | { readonly kind: 'provider.released'; readonly account: string; readonly reason: string }
  | { readonly kind: 'escalation.opened'; readonly fingerprint: string; readonly reason: string }
  | { readonly kind: 'escalation.closed'; readonly fingerprint: string; readonly reason: string }
  | { readonly kind: 'reaction.done'; readonly target: string; readonly effect: string; readonly note: string }
  | {
      readonly kind: 'reaction.failed';
      readonly target: string;
      readonly effect: string;
      readonly message: string;
      readonly retryAt: number;
    }
  | { readonly kind: 'reaction.parked'; readonly target: string; readonly effect: string; readonly message: string }
  /** The login of a held account is another one: it may be tried at once. */
  | { readonly kind: 'provider.credential'; readonly account: string }
  /** Attempts were killed from outside in numbers: nothing is started before `until`. */
  | { readonly kind: 'starts.held'; readonly count: number; readonly until: number }
  | { readonly kind: 'host.died'; readonly hostId: string; readonly attempts: number }
  | { readonly kind: 'stray.found'; readonly pid: number }
  | { readonly kind: 'drain.started'; readonly by: string }
  | { readonly kind: 'drain.ended'; readonly by: string }
  | { readonly kind: 'storage.failed'; readonly message: string }
  | { readonly kind: 'storage.recovered' }
  | {
      readonly kind: 'alert.opened';
      readonly alert: string;
      readonly rule: AlertRule;
      readonly severity: Severity;
      readonly text: string;
    }
  | { readonly kind: 'alert.closed'; readonly alert: string; readonly rule: AlertRule; readonly end: AlertEnd }
  | { readonly kind: 'alert.acked'; readonly alert: string; readonly by: string }
  | { readonly kind: 'alert.dismissed'; readonly alert: string; readonly by: string }
  | { readonly kind: 'alert.explained'; readonly alert: string; readonly suggestions: number; readonly tokens: number }
  /** The model was asked in vain; null: it is not asked again. */
  | {
      readonly kind: 'alert.unexplained';
      readonly alert: string;
      readonly message: string;
      readonly retryAt: number | null;
    }
  /** A suggestion was carried out, or could not be. */
  | {
      readonly kind: 'alert.remedied';
      readonly alert: string;
      readonly action: Remedy;
      readonly target: string;
      readonly by: string;
      readonly ok: boolean;
      readonly result: string;
    }
  | { readonly kind: 'flag.unknown'; readonly flag: string; readonly nearest: string | null };

/** A fact as written: its place in the ledger and when, by whom, under which configuration. */
export type RecordedFact = Fact & {
  readonly seq: number;
  /** Wall clock, epoch ms. */
  readonly at: number;
  /** Monotonic clock of the boot, ms. */
  readonly mono: number;
  readonly actor: Actor;
  readonly configHash: string;
};
