// A run (one wish carried to an end) and its attempts (one process launch each), as the ledger keeps them.

import type { AgentKey, AttemptId, ProjectId, RunId } from '../ids.ts';
import type { StopReason } from '../supervise/stop-plan.ts';
import type { KernelCounters } from './kernel-counters.ts';
import type { RunState } from './lifecycle.ts';
import type { Outcome } from './outcome.ts';

/** Why a run was asked for. */
export type Trigger =
  | { readonly kind: 'slot'; readonly slotAt: number; readonly epoch: number }
  /** The standing wish of a Safety agent. */
  | { readonly kind: 'safety'; readonly replica: number }
  | { readonly kind: 'operator' }
  | { readonly kind: 'event'; readonly event: string }
  | { readonly kind: 'probe'; readonly incident: string; readonly number: number };

/** What the trigger adds to the agent's definition. */
export interface RunInput {
  /** Replaces the agent's task. */
  readonly task?: string;
  /** Appended to the agent's args. */
  readonly args?: readonly string[];
  /** Data of an event: given to the task in a fenced section. */
  readonly data?: string;
  /** An operator wants the session of an earlier run gone on with, or branched off. */
  readonly session?: { readonly kind: 'resume' | 'fork'; readonly from: string };
}

/** A wish and what became of it. All instants are epoch ms. */
export interface Run {
  readonly id: RunId;
  readonly agent: AgentKey;
  readonly project: ProjectId | null;
  readonly trigger: Trigger;
  readonly state: RunState;
  readonly priority: number;
  readonly requestedAt: number;
  /** Not to be asked before: backoff of a retry, jitter of a slot. */
  readonly notBefore: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Attempts begun so far. */
  readonly attempts: number;
  readonly input: RunInput;
  /** Counted against the memory gate while live. */
  readonly memoryPromisedBytes: number;
  readonly outcome: Outcome | null;
  readonly exit: ExitStatus | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly enforcement: AttemptEnforcement | null;
  readonly usage: RunUsage | null;
  readonly configHash: string;
}

/** What the operating system said; both null: nobody can know any more. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How each limit was held (the port's `Enforcement`, kept as told). */
export interface AttemptEnforcement {
  readonly memory: string;
  readonly cpu: string;
  readonly pids: string;
  readonly cpuQuota: string;
  readonly tree: string;
}

/** Tokens and list price of all attempts as their driver proved them; null: unknown, which is not zero. */
export interface RunUsage {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly costMicroUsd: number | null;
  /** The CLI printed no price: the cost is by our list. */
  readonly price?: 'listed';
  /** Whether the list price was billed, or a subscription covers it; left out: not known, or of some attempts only. */
  readonly billing?: 'billed' | 'subscription';
  /** Of some attempt nothing is known, or of some request not all: these figures are a lower bound. */
  readonly partial?: true;
  /** Requests that a meter saw, and whose tokens these are; left out: the CLI told them. */
  readonly metered?: number;
}

/** `main` does the work; `precheck` only asks whether there is any; `workspace` makes its folder, `tidy` cleans up after it. */
export type AttemptPurpose = 'main' | 'precheck' | 'workspace' | 'tidy';

/** One process launch. */
export interface Attempt {
  readonly id: AttemptId;
  readonly run: RunId;
  readonly number: number;
  readonly purpose: AttemptPurpose;
  readonly state: 'starting' | 'running' | 'stopping' | 'ended';
  readonly intendedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** The port's ProcessIdentity; null until the host has told it. */
  readonly identity: { readonly bootId: string; readonly pid: number; readonly startTicks: number } | null;
  readonly bootId: string;
  readonly outPath: string;
  readonly errPath: string | null;
  readonly sessionId: string | null;
  /** The session that it went on with or branched off; null: one of its own, or none. */
  readonly sessionFrom: string | null;
  /** The model account that it uses; null: none. */
  readonly provider: string | null;
  /** Limits and stop plans as they were handed to the host (the port's types, kept as told). */
  readonly limits: unknown;
  readonly stopPlans: unknown;
  /** Of a run that is kept alive: its definition as `printOf` tells it; null: of any other, or unknown. */
  readonly definition: Readonly<Record<string, string>> | null;
  readonly stop: StopReason | null;
  readonly outcome: Outcome | null;
  readonly exit: ExitStatus | null;
  /** Null: it has not ended, or no kernel counted. */
  readonly kernel: KernelCounters | null;
  /** What a person should know of the end: evidence, numbers, cut output. */
  readonly note: string | null;
}
