// What the house keeps for ever: facts, and the state that they led to. Calls are synchronous; a write without an error is durable.

import type { AgentKey, AttemptId, ProjectId, RunId } from '../core/ids.ts';
import type { Reason } from '../core/admission/reasons.ts';
import type { Queued } from '../core/admission/waiting.ts';
import type { Actor, Fact, RecordedFact } from '../core/run/facts.ts';
import type { RunState } from '../core/run/lifecycle.ts';
import type { Attempt, Run, RunInput, Trigger } from '../core/run/run.ts';
import type { AlertStore } from './alert-store.ts';
import type { IssueStore } from './issue-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SpendStore } from './spend-store.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** One transaction at a time; everything inside `transact` is kept together or not at all. */
export interface Ledger {
  /** Runs `work` in one immediate transaction (joined when one is open). Throws OperationalError `storage` when it cannot be written. */
  transact<Result>(work: () => Result): Result;
  readonly facts: FactStore;
  readonly runs: RunStore;
  readonly attempts: AttemptStore;
  readonly slots: SlotStore;
  readonly verdicts: VerdictStore;
  readonly states: StateStore;
  readonly outbox: OutboxStore;
  readonly sessions: SessionStore;
  readonly spend: SpendStore;
  /** Issues of the local tracker. */
  readonly issues: IssueStore;
  readonly alerts: AlertStore;
  readonly workspaces: WorkspaceStore;
  readonly upkeep: Upkeep;
  close(): void;
}

/** When and under what a fact is written. */
export interface FactStamp {
  readonly at: number;
  readonly mono: number;
  readonly actor: Actor;
  readonly configHash: string;
}

/** The append-only record. */
export interface FactStore {
  append(fact: Fact, stamp: FactStamp): RecordedFact;
  ofRun(run: RunId): readonly RecordedFact[];
  /** Newest first. */
  latest(limit: number, kinds?: readonly Fact['kind'][]): readonly RecordedFact[];
}

/** A run before it has an id. */
export interface NewRun {
  readonly agent: AgentKey;
  readonly project: ProjectId | null;
  readonly trigger: Trigger;
  readonly priority: number;
  readonly requestedAt: number;
  readonly notBefore: number;
  readonly input: RunInput;
  /** Unique when set: a second request with the same key is the first one. */
  readonly dedupeKey: string | null;
  readonly configHash: string;
}

/** What may change of a run. */
export type RunPatch = Partial<
  Pick<
    Run,
    | 'state'
    | 'notBefore'
    | 'startedAt'
    | 'endedAt'
    | 'attempts'
    | 'memoryPromisedBytes'
    | 'outcome'
    | 'exit'
    | 'cpuMs'
    | 'peakMemoryBytes'
    | 'enforcement'
    | 'usage'
  >
>;

/** Which runs; all set fields must hold. Newest first. */
export interface RunFilter {
  readonly agent?: AgentKey;
  readonly project?: ProjectId;
  readonly states?: readonly RunState[];
  readonly outcome?: string;
  readonly endedSince?: number;
  readonly limit: number;
}

/** What happened in a window: ends by kind. */
export interface WindowCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly other: number;
}

/** What went wrong of one agent in a window. */
export interface Troubles {
  readonly failures: number;
  /** Retries, and ends of what is always wanted but for those that we wanted. */
  readonly restarts: number;
}

/** What one live run holds. */
export type HeldSlot = Pick<Run, 'agent' | 'project' | 'memoryPromisedBytes'>;

/** Runs, from request to end. */
export interface RunStore {
  insert(run: NewRun): Run;
  byKey(dedupeKey: string): Run | null;
  get(id: RunId): Run | null;
  /** Runs whose id begins with `prefix`; at most `limit`. */
  byPrefix(prefix: string, limit: number): readonly Run[];
  list(filter: RunFilter): readonly Run[];
  /** Every run in state waiting, oldest first. */
  waiting(): readonly Run[];
  /** The same with nothing that only a decision needs: asked at each pass, with thousands waiting. */
  queue(): readonly Queued[];
  /** Runs of `agent` that wait or hold a slot, oldest first. */
  openOf(agent: AgentKey): readonly Run[];
  /** Every run that holds a slot. */
  live(): readonly Run[];
  /** The same as admission counts them: asked at each pass, with hundreds alive, so nothing else is read. */
  held(): readonly HeldSlot[];
  update(id: RunId, patch: RunPatch): void;
  /** Takes back a request that never became a run: its slot row tells what became of it. */
  remove(id: RunId): void;
  waitingCount(agent: AgentKey): number;
  /** Ends of `agent` (or of a project) in (since, until]. */
  ends(of: { readonly agent?: AgentKey; readonly project?: ProjectId }, since: number, until: number): WindowCounts;
  /** Attempts of Safety runs after their first, and Safety runs after the agent's first, started in (since, until]. */
  restarts(agent: AgentKey, since: number, until: number): number;
  last(agent: AgentKey): Run | null;
  /** Of every agent with an end in (since, until]: failures as `ends` counts them, and times it was started again. */
  troubles(since: number, until: number): ReadonlyMap<AgentKey, Troubles>;
}

/** What may change of an attempt. */
export type AttemptPatch = Partial<
  Pick<
    Attempt,
    'state' | 'startedAt' | 'endedAt' | 'identity' | 'sessionId' | 'stop' | 'outcome' | 'exit' | 'kernel' | 'note'
  >
>;

/** Attempts. */
export interface AttemptStore {
  insert(attempt: Attempt): void;
  get(id: AttemptId): Attempt | null;
  ofRun(run: RunId): readonly Attempt[];
  /** Every attempt that has not ended. */
  open(): readonly Attempt[];
  update(id: AttemptId, patch: AttemptPatch): void;
}

/** What became of a slot, or of a stretch of slots with the same answer. */
export type SlotVerdict = 'waiting' | 'admitted' | 'refused' | 'missed' | 'canceled';

/** One row per slot or stretch: every due slot is covered by exactly one. */
export interface SlotRow {
  readonly id: number;
  readonly agent: AgentKey;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly verdict: SlotVerdict;
  readonly reasons: readonly Reason[];
  readonly run: RunId | null;
}

/** Slots. */
export interface SlotStore {
  /** False when the slot is covered already. */
  insertWaiting(slot: {
    readonly agent: AgentKey;
    readonly epoch: number;
    readonly at: number;
    readonly run: RunId;
  }): boolean;
  insertStretch(row: Omit<SlotRow, 'id' | 'run'>): void;
  covers(agent: AgentKey, epoch: number, at: number): boolean;
  /** The waiting slot of `run` was admitted, or taken back to wait again. */
  settle(run: RunId, verdict: 'admitted' | 'waiting' | 'canceled'): void;
  /** The waiting slot of `run` ended without running; joined to the stretch before it when the codes are the same. True when a new row or other codes came of it. */
  refuse(run: RunId, reasons: readonly Reason[], now: number): boolean;
  ofRun(run: RunId): SlotRow | null;
  /** Newest first. */
  ofAgent(agent: AgentKey, limit: number): readonly SlotRow[];
  /** The newest skipped stretches: refused or missed. */
  skipped(agent: AgentKey, limit: number): readonly SlotRow[];
  /** Fixed slots that already ran in an earlier epoch. */
  ranBefore(agent: AgentKey, at: number, epoch: number): boolean;
}

/** A decision about a waiting request, kept while it does not change. */
export interface VerdictRow {
  readonly run: RunId;
  readonly decision: 'deferred' | 'refused';
  readonly reasons: readonly Reason[];
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

/** Verdicts on requests: a row when decision or codes change, the same row with newer numbers when not. */
export interface VerdictStore {
  /** True when it is a new row. */
  note(
    run: RunId,
    decision: VerdictRow['decision'],
    at: { readonly reasons: readonly Reason[]; readonly now: number },
  ): boolean;
  ofRun(run: RunId): readonly VerdictRow[];
}

/** Small states by kind and key, as JSON: breakers, quarantines, watermark, cursors, incident links. */
export interface StateStore {
  get(kind: StateKind, key: string): unknown;
  set(kind: StateKind, key: string, value: unknown): void;
  remove(kind: StateKind, key: string): void;
  all(kind: StateKind): ReadonlyMap<string, unknown>;
}

/** What the states are about. */
export type StateKind =
  | 'breaker'
  | 'quarantine'
  | 'hold'
  | 'budget'
  | 'restart'
  | 'decay'
  | 'clock'
  | 'cursor'
  | 'flag'
  | 'issue'
  | 'drain'
  | 'meta'
  | 'reconcile'
  | 'schedule';

/** A reaction stored with the outcome that caused it. */
export interface OutboxRow {
  readonly id: number;
  /** Who carries it out, as its worker is named; rows of one (target, lane) go in order. */
  readonly target: string;
  readonly lane: string;
  /** What a parked row holds up within its lane: the rows of its own unit (an incident), and no others. */
  readonly unit: string;
  /** Identity of the wish: a second insert with the same key changes nothing. */
  readonly naturalKey: string;
  readonly effect: unknown;
  readonly createdAt: number;
  readonly attempts: number;
  readonly nextAt: number;
  readonly state: 'waiting' | 'parked' | 'done';
  readonly lastError: string | null;
}

/** The outbox. */
export interface OutboxStore {
  /** Due at once, whatever the clock is set to meanwhile. */
  add(row: Pick<OutboxRow, 'target' | 'lane' | 'unit' | 'naturalKey' | 'effect' | 'createdAt'>): boolean;
  /** Rows of `target` that are due at `now` and stand behind no waiting row of their lane and no parked one of their unit. */
  due(target: string, now: number, limit: number): readonly OutboxRow[];
  /** Epoch ms at which the first of those rows is, or was, due; null: none waits. */
  nextAt(target: string): number | null;
  done(id: number): void;
  retry(id: number, at: { readonly nextAt: number; readonly error: string }): void;
  park(id: number, error: string): void;
  /** The wall clock was set back by `byMs` and shows `now`: rows of `target` wait as long as they would have. */
  hasten(target: string, byMs: number, now: number): void;
  /** Parked rows of `target` wait again (credentials were fixed). */
  unpark(target: string, now: number): number;
  list(state?: OutboxRow['state']): readonly OutboxRow[];
}

/** Backup, retention, room on the disk. */
export interface Upkeep {
  /** Where copies belong; null: this ledger is in memory. */
  readonly backupDir: string | null;
  /** A copy made with the backup API and verified by opening it; the oldest copies beside it go. */
  backup(path: string): Promise<void>;
  /**
   * Deletes a batch of ended runs, their attempts, facts, slots and verdicts, and of what belongs to no run, older than the
   * instants; returns rows removed. Throws as `transact` does.
   */
  prune(before: { readonly runs: number; readonly now: number }): number;
  /** Ids given from now on are none that a ledger before this one can have given: hosts remember them. */
  skipIds(): void;
  /** Keeps room on the disk that is given up when it is full, if there is room. Throws where the disk refuses. */
  keepBallast(): void;
  checkpoint(): void;
}
