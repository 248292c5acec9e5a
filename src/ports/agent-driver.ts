// What we know of one agent CLI: how it is started, how its stream is read, and what its end means. Pure data and decisions.

import type { DriverSettings } from '../core/fleet.ts';
import type { FailureClass } from '../core/run/outcome.ts';
import type { StopManner, StopReason } from '../core/supervise/stop-plan.ts';

/** What a driver is told about the run it should start. */
export interface LaunchInput {
  /** `cli_tool` as written: the driver's name, or the program for `exec`. */
  readonly program: string;
  /** The complete prompt or script; null: none was given. */
  readonly task: string | null;
  readonly args: readonly string[];
  readonly model: string | null;
  /** Absolute. */
  readonly workingDir: string;
  /** Session to create or to go on with; null: a run without one. UUIDs come from the caller. */
  readonly session: { readonly kind: 'new' | 'resume' | 'fork'; readonly id: string; readonly newId?: string } | null;
  /** Settings of the agent that only some drivers know. */
  readonly settings: DriverSettings;
}

/** How the CLI is started, as data. */
export interface LaunchPlan {
  readonly argv: readonly [string, ...string[]];
  /** Laid over the agent's environment; the agent's own `env` wins. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to a 0600 file that becomes stdin; null: /dev/null. */
  readonly stdin: string | null;
  readonly separateStderr: boolean;
  readonly stopManner: StopManner;
  /** Silence allowed before the first line; null: any. */
  readonly firstOutputMs: number | null;
  /** Silence allowed afterwards when `stall_timeout` is not set; null: any. */
  readonly idleMs: number | null;
  /** Silence allowed while a tool call is open. */
  readonly idleWithToolMs: number | null;
  /** Known before the spawn, or null. */
  readonly sessionId: string | null;
}

/** Five disjoint kinds of tokens; null: the CLI prints no such figure (unknown is not zero). */
export interface TokenUsage {
  /** Without anything from or for the cache. */
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  /** Without reasoning where that is told apart. */
  readonly output: number | null;
  readonly reasoning: number | null;
}

/** What the stream has shown so far; asked after each line. */
export interface StreamState {
  /** The CLI said that it is finished (it may still hang). */
  readonly finished: boolean;
  /** A tool call is open. */
  readonly toolOpen: boolean;
  readonly sessionId: string | null;
  /** The driver wants the attempt stopped (its CLI would wait for ever); the class it should end with. */
  readonly advice: { readonly stop: string; readonly class: FailureClass } | null;
  /** Usage so far for limits in mid-run; null: not known before the end. */
  readonly usageSoFar: TokenUsage | null;
}

/** Reads one attempt's output line by line; tolerant of unknown events, broken JSON and cut lines. */
export interface StreamReader {
  /** `line` without its line break; `cut` when its middle was dropped because it was over the bound. */
  push(line: string, cut?: boolean): void;
  /** A line of stderr, where it is kept apart. */
  pushError(line: string): void;
  state(): StreamState;
}

/** What is known when the attempt has ended. */
export interface EndInput {
  readonly code: number | null;
  readonly signal: string | null;
  /** We stopped it, and why; null: it ended by itself. */
  readonly stop: StopReason | null;
  /** Totals that earlier runs of the same session printed, where the CLI counts on; null: first run or unknown. */
  readonly previousTotal: { readonly usage: TokenUsage; readonly costMicroUsd: number | null } | null;
  /** Epoch ms, for clock times without a date in error texts. */
  readonly endedAt: number;
}

/** What the CLI's own words prove about the end. `stopped`: it ended because we stopped it. */
export interface DriverVerdict {
  readonly outcome: 'succeeded' | 'failed' | 'stopped';
  readonly class: FailureClass | null;
  /** The field or text that proves it, for people. */
  readonly evidence: string;
  readonly sessionId: string | null;
  /** This run's own usage; null: nothing is known. */
  readonly usage: TokenUsage | null;
  /** List price of this run in millionths of a dollar; null: unknown. */
  readonly costMicroUsd: number | null;
  /** What the output printed when that is a total of more than this run: the next run's `previousTotal`. */
  readonly printedTotal: { readonly usage: TokenUsage; readonly costMicroUsd: number | null } | null;
  /** This session can and should be gone on with; null: not known. */
  readonly resumable: boolean | null;
  readonly retryAfterMs: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
  /** The agent's last words, at most 64 KiB; null: none. */
  readonly finalText: string | null;
}

/** One agent CLI. */
export interface AgentDriver {
  readonly name: string;
  launch(input: LaunchInput): LaunchPlan;
  reader(): StreamReader;
  verdict(reader: StreamReader, end: EndInput): DriverVerdict;
}
