// What an operator can ask of a running daemon: the verbs of the CLI and the socket, and the JSON that they answer.

import type { Reason } from '../core/admission/reasons.ts';
import type { Layer } from '../core/fleet.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import type { RunState } from '../core/run/lifecycle.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { AttemptEnforcement, ExitStatus, RunUsage, Trigger } from '../core/run/run.ts';
import type { KernelObservability } from '../core/trace/observability.ts';
import type { RejectionReason } from '../core/trace/rejection.ts';
import type { ApplyView, ApplyWish, BrokenView, DriftView, PlanView, ReloadView } from './reconcile-view.ts';
import type { BudgetView, OverrideWish } from './budget-view.ts';
import type { RunWish } from './run-wish.ts';
import type { ControlRefusal } from './control-refusal.ts';
import type { ActivityView, AttemptView, WorkspaceView } from './attempt-view.ts';
import type { AlertControl } from './alert-views.ts';
import type { LogChunk } from './log-chunk.ts';
import type { WatchView } from './watch-view.ts';

export type { ControlRefusal } from './control-refusal.ts';

/** A run as every command prints it with --json. Instants are epoch ms. */
export interface RunView {
  readonly id: string;
  /** `project/name`, or `name`. */
  readonly agent: string;
  readonly project: string | null;
  readonly trigger: { readonly kind: Trigger['kind']; readonly slotAt?: number; readonly event?: string };
  readonly state: RunState;
  readonly outcome: { readonly kind: Outcome['kind']; readonly class?: string; readonly reason?: string } | null;
  readonly exit: ExitStatus | null;
  readonly attempts: number;
  readonly requestedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly enforcement: AttemptEnforcement | null;
  readonly usage?: RunUsage;
  /** The folder of its own in which it works, and its branch; absent where it has none. */
  readonly workspace?: WorkspaceView;
  /** Why it waits, or why it was refused. */
  readonly reasons?: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
}

/** Everything about one run. */
export interface RunDetail {
  readonly run: RunView;
  readonly attempts: readonly AttemptView[];
  readonly facts: readonly RecordedFact[];
  /** Last lines of output, at most 64 KiB; `cutBytes` were cut out of the middle of the file. */
  readonly output: { readonly tail: string; readonly bytes: number };
  readonly slot: SlotView | null;
  /** What its facts tell of times, leases and costs. */
  readonly observability?: KernelObservability;
}

/** One slot or stretch of slots. */
export interface SlotView {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly verdict: string;
  readonly reasons: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
}

/** One line of `agents`. */
export interface AgentView {
  readonly key: string;
  readonly name: string;
  readonly project: string | null;
  readonly layer: Layer;
  readonly enabled: boolean;
  readonly cliTool: string;
  readonly schedule: string | null;
  readonly nextAt: number | null;
  readonly running: readonly string[];
  /** What the oldest of these runs does; absent: none runs, or it cannot be told. */
  readonly activity?: ActivityView;
  readonly waiting: readonly {
    readonly run: string;
    readonly reasons: readonly Reason[];
    readonly rejections?: readonly RejectionReason[];
  }[];
  readonly last: RunView | null;
  /** Why its next slot will not run, as far as that is known now; empty: it will. */
  readonly held: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
  /** From the ledger: failures in the last hour, restarts in the last 24 h. */
  readonly failures1h: number;
  readonly restarts24h: number;
}

/** One line of `status`. */
export interface ProjectView {
  readonly id: string;
  readonly state: 'open' | 'PAUSED' | 'disabled' | 'isolated';
  readonly running: number;
  readonly limit: number;
  readonly ok1h: number;
  readonly failed1h: number;
  /** Why it is paused, and the command that ends it. */
  readonly why: string | null;
  readonly todo: string | null;
}

/** `status`. `attention`: what needs a person, most urgent first, each with the next command. */
export interface StatusView {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly stateDir: string;
  readonly pauseDir: string;
  readonly configPath: string;
  readonly configHash: string;
  readonly configLoadedAt: number;
  readonly draining: boolean;
  readonly limits: AttemptEnforcement;
  readonly live: number;
  readonly maxConcurrent: number;
  readonly waiting: number;
  readonly outboxWaiting: number;
  readonly attention: readonly { readonly text: string; readonly command: string | null }[];
  readonly projects: readonly ProjectView[];
  readonly agents: readonly AgentView[];
}

/** `why NAME`: every gate's answer now, the next slot, and the last skipped ones. */
export interface WhyView {
  readonly agent: AgentView;
  readonly nextAt: number | null;
  /** About the next slot: clock changes, for example. */
  readonly nextNote: string | null;
  readonly verdict: 'admit' | 'defer' | 'refuse';
  readonly reasons: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
  /** Gates that say yes, with their numbers: `slots.project 0 of 2`. */
  readonly passing: readonly string[];
  readonly skipped: readonly SlotView[];
  readonly warnings: readonly string[];
  /** Commands to type next, best first. */
  readonly commands: readonly string[];
}

/** One coming slot of `next`. */
export interface NextView {
  readonly at: number;
  readonly agent: string;
  readonly note: string | null;
  /** Why it will not run as things stand; empty: it will. */
  readonly held: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
}

/** What became of a request by an operator, or of one started by an event. */
export interface RequestReply {
  readonly run: RunView;
  readonly decision: 'admitted' | 'waiting' | 'refused';
  readonly reasons: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
}

/** An agent that waits for an event and did not get it: nothing was asked for, because its queue is full. */
export interface NotAsked {
  readonly run: null;
  readonly agent: string;
  readonly decision: 'refused';
  readonly reasons: readonly Reason[];
  /** The same reasons, each with whose limit it is; absent where there is none. */
  readonly rejections?: readonly RejectionReason[];
}

/** A project's breaker. */
export interface BreakerView {
  readonly project: string;
  readonly state: 'closed' | 'open' | 'half_open' | 'isolated';
  readonly failures: number;
  readonly threshold: number;
  readonly incident: string | null;
  readonly since: number | null;
  /** Why it stands there; null while it is closed. */
  readonly why: string | null;
  readonly flag: string;
  readonly issue: { readonly number: number; readonly url: string | null } | null;
  readonly evidence: readonly {
    readonly run: string;
    readonly agent: string;
    readonly class: string;
    readonly endedAt: number;
  }[];
}

/** An issue of the local tracker. */
export interface IssueView {
  readonly number: number;
  readonly project: string | null;
  readonly title: string;
  readonly state: 'open' | 'closed';
  readonly body: string;
  readonly labels: readonly string[];
  readonly createdAt: number;
  readonly comments: readonly { readonly body: string; readonly createdAt: number }[];
}

/** A reaction that waits. */
export interface OutboxView {
  readonly id: number;
  readonly target: string;
  readonly effect: string;
  readonly state: string;
  readonly attempts: number;
  readonly nextAt: number;
  readonly lastError: string | null;
}

/** The verbs. `name` is an agent's name, or `project/name` where names repeat; `run` is a run id or an unambiguous prefix. */
export interface Control extends AlertControl {
  status(): Promise<StatusView>;
  agents(): Promise<readonly AgentView[]>;
  /** Newest first. */
  runs(filter: {
    readonly agent?: string;
    readonly project?: string;
    readonly state?: string;
    readonly outcome?: string;
    readonly limit: number;
  }): Promise<readonly RunView[]>;
  show(run: string): Promise<RunDetail | ControlRefusal>;
  logs(run: string, from: number, stream: 'out' | 'err'): Promise<LogChunk | ControlRefusal>;
  /** `key` is chosen by the caller; the same key again is the same request. Answers after request *and* first decision are durable. */
  run(name: string, input: RunWish): Promise<RequestReply | ControlRefusal>;
  /** One answer for each agent that waits for `event`, whether it got it or not. */
  emit(
    event: string,
    input: { readonly key: string; readonly project?: string; readonly data?: string },
  ): Promise<readonly (RequestReply | NotAsked)[]>;
  cancel(run: string): Promise<RunView | ControlRefusal>;
  retry(run: string, key: string): Promise<RequestReply | ControlRefusal>;
  release(name: string): Promise<{ readonly released: boolean } | ControlRefusal>;
  why(name: string): Promise<WhyView | ControlRefusal>;
  next(forMs: number): Promise<readonly NextView[]>;
  drain(input: {
    readonly end: boolean;
    readonly by: string;
  }): Promise<{ readonly draining: boolean; readonly live: number }>;
  /** As `apply` without a plan, in the words of the configuration. */
  reload(by: string): Promise<ReloadView | ControlRefusal>;
  /** What differs between agents.toml and what is in force and alive; changes nothing. */
  drift(): Promise<DriftView>;
  /** What `apply` would do now; changes nothing. */
  plan(): Promise<PlanView | BrokenView>;
  /** Refused as `plan.stale`, or as `reconcile.locked` while somebody else changes what is in force. */
  apply(wish: ApplyWish): Promise<ApplyView | ControlRefusal>;
  breakers(): Promise<readonly BreakerView[]>;
  breaker(
    project: string,
    verb: 'trip' | 'reset' | 'isolate',
    input: { readonly by: string; readonly reason: string },
  ): Promise<BreakerView | ControlRefusal>;
  resumed(project: string, by: string): Promise<{ readonly resumed: boolean } | ControlRefusal>;
  budget(): Promise<readonly BudgetView[]>;
  overrideBudget(wish: OverrideWish): Promise<BudgetView | ControlRefusal>;
  /** One cycle of the watchdog now; a cycle under way is waited for, and is the answer. */
  watch(): Promise<WatchView>;
  issues(): Promise<readonly IssueView[]>;
  outbox(): Promise<readonly OutboxView[]>;
  /** The newest facts, oldest first. */
  recent(limit: number): Promise<readonly RecordedFact[]>;
  /** Facts as they are committed, until `signal` aborts. */
  follow(listener: (fact: RecordedFact) => void, signal: AbortSignal): void;
}
