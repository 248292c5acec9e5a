// What we know of one agent CLI: how it is started, how its stream is read, and what its end means. Pure data and decisions.

import type { Billing } from '../core/budget/spend.ts';
import type { TokenCounts } from '../core/budget/tokens.ts';
import type { DriverSettings } from '../core/fleet.ts';
import type { FailureClass } from '../core/run/outcome.ts';
import type { SessionCounter } from '../core/session/session.ts';
import type { StopManner, StopReason } from '../core/supervise/stop-plan.ts';

/** What a driver is told about the run it should start. */
export interface LaunchInput {
  /** `cli_tool` as written: the driver's name, or the program for `exec`. */
  readonly program: string;
  /** The complete prompt or script; null: none was given. */
  readonly task: string | null;
  /** Who the agent is, in the operator's words; null: nobody in particular. */
  readonly persona: string | null;
  /** Skills in the order of their use. */
  readonly skills: readonly { readonly name: string; readonly text: string }[];
  /** What the pre-check found, untrusted. Null: nothing was asked, or it said nothing. */
  readonly findings: string | null;
  /** What came with the event, untrusted: a prompt carries it fenced, a program gets it as a file. Null: nothing came. */
  readonly data: string | null;
  /** What earlier attempts at the same task left: our note, and their last words, which are data. Null: none were made. */
  readonly handOver: { readonly note: string; readonly quote: string | null } | null;
  /** Absolute; files that the driver asks for begin with it (`…/r7m1.1` gives `…/r7m1.1.script`). */
  readonly filePrefix: string;
  readonly args: readonly string[];
  readonly model: string | null;
  /** Absolute. */
  readonly workingDir: string;
  /** Session to create or to go on with; null: a run without one. UUIDs come from the caller. */
  readonly session: { readonly kind: 'new' | 'resume' | 'fork'; readonly id: string; readonly newId?: string } | null;
  /** A budget may have to stop it in the middle: its CLI should tell what it uses as it goes. */
  readonly live: boolean;
  /** Settings of the agent that only some drivers know. */
  readonly settings: DriverSettings;
}

/** What is the same for every run of a CLI. */
export interface Habits {
  readonly separateStderr: boolean;
  readonly stopManner: StopManner;
  /** Silence allowed before the first line; null: any. */
  readonly firstOutputMs: number | null;
  /** Silence allowed afterwards when `stall_timeout` is not set; null: any. */
  readonly idleMs: number | null;
  /** Silence allowed while a tool call is open. */
  readonly idleWithToolMs: number | null;
}

/** How the CLI is started, as data. */
export interface LaunchPlan extends Habits {
  readonly argv: readonly [string, ...string[]];
  /** Laid over the agent's environment; the agent's own `env` wins. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to a 0600 file that becomes stdin; null: /dev/null. */
  readonly stdin: string | null;
  /** Written with mode 0600 before the start and kept until the attempt has ended. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Known before the spawn, or null. */
  readonly sessionId: string | null;
}

/**
 * Five disjoint kinds of tokens; null: the CLI prints no such figure (unknown is not zero). `input` is without anything from
 * or for the cache, `output` without reasoning where that is told apart.
 */
export type TokenUsage = TokenCounts;

/** What the stream has shown so far; asked after each line. */
export interface StreamState {
  /** The CLI said that it is finished (it may still hang). */
  readonly finished: boolean;
  /** A tool call is open. */
  readonly toolOpen: boolean;
  /** Its last word was that it will ask its provider again by itself. */
  readonly retrying: boolean;
  readonly sessionId: string | null;
  /** The driver wants the attempt stopped (its CLI would wait for ever); the class it should end with. */
  readonly advice: { readonly stop: string; readonly class: FailureClass } | null;
  /** Usage so far for limits in mid-run; null: not known before the end. */
  readonly usageSoFar: TokenUsage | null;
  /** The same model by model, where a meter tells it. */
  readonly byModelSoFar?: readonly ModelUsage[];
}

/** Reads one attempt's output line by line; tolerant of unknown events, broken JSON and cut lines. */
export interface StreamReader {
  /** `line` without its line break; `cut` when part of it was dropped because it was over the bound. */
  push(line: string, cut?: boolean): void;
  /** A line of stderr, where it is kept apart. */
  pushError(line: string): void;
  /** A line of the driver's `sideFile`; those written before `since` (ISO 8601, UTC) belong to earlier runs. */
  pushSide(line: string, since: string): void;
  state(): StreamState;
  /** Asked once everything was pushed. A success needs the CLI's own proof, not only an exit code. */
  verdict(end: EndInput): DriverVerdict;
}

/** What one model used in a run. */
export interface ModelUsage {
  readonly model: string;
  readonly usage: TokenUsage;
}

/** Where a CLI's own counter of a session stands, where that goes on from run to run. */
export type SessionTotal = SessionCounter;

/** What is known when the attempt has ended. */
export interface EndInput {
  readonly code: number | null;
  readonly signal: string | null;
  /** We stopped it, and why; null: it ended by itself. */
  readonly stop: StopReason | null;
  /**
   * `sessionTotal` of the run before in the same session, or of the session that was forked; null: the run began a session
   * of its own; `unknown`: it went on with one whose total nobody knows.
   */
  readonly previousTotal: SessionTotal | 'unknown' | null;
  /** Epoch ms, for clock times without a date in error texts. */
  readonly endedAt: number;
  /** The agent's zone at that time, in ms east of UTC; such clock times are local. Default 0. */
  readonly utcOffsetMs?: number;
  /** The arguments it was started with, where known: some make a session that cannot be gone on with. */
  readonly args?: readonly string[];
}

/** What the CLI's own words prove about the end. `stopped`: it ended because we stopped it. */
export interface DriverVerdict {
  readonly outcome: 'succeeded' | 'failed' | 'stopped';
  readonly class: FailureClass | null;
  /** What proves it, for people: fields, codes and our own words, nothing that the agent said. */
  readonly evidence: string;
  readonly sessionId: string | null;
  /** This run's own usage; null: nothing is known. */
  readonly usage: TokenUsage | null;
  /** List price of this run in millionths of a dollar as printed; null: unknown. */
  readonly costMicroUsd: number | null;
  /** `usage` model by model; empty where the output does not tell them apart. */
  readonly byModel: readonly ModelUsage[];
  /** Where the session's counter stands now: the next run's `previousTotal`. Null: unknown, or the CLI counts per run. */
  readonly sessionTotal: SessionTotal | null;
  /** This session can and should be gone on with; null: not known. */
  readonly resumable: boolean | null;
  /** Tool calls refused by permissions: the last words may claim that they were made. */
  readonly denials: number;
  /** Tool calls that may have changed something: all but those that only look. Null: the output does not tell calls. */
  readonly actions: number | null;
  readonly retryAfterMs: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
  /** The agent's last words, at most 64 KiB; null: none. */
  readonly finalText: string | null;
  /** Who its login says is charged; left out: it does not say. */
  readonly billing?: Billing;
  /**
   * A meter counted `usage`, not the CLI: requests that it saw, and those of them of which it does not know all. Left out: no
   * meter, or one that saw none.
   */
  readonly metered?: { readonly requests: number; readonly uncounted: number };
}

/** What a driver can do and what its CLI is known to get wrong: one record for `doctor`, the docs and the tests. */
export interface Capabilities {
  /** How the task reaches the CLI. */
  readonly prompt: 'stdin' | 'argument' | 'script or stdin';
  /** Who picks the session's id: we before the spawn, or the CLI (read from its stream). */
  readonly sessionId: 'chosen' | 'read' | 'none';
  readonly resume: boolean;
  readonly fork: boolean;
  /** When token figures are printed. */
  readonly usage: 'each message' | 'each step' | 'at the end' | 'none';
  /** `priced`: the CLI prints none, our price table is asked. */
  readonly cost: 'printed' | 'priced' | 'none';
  /** The option that sets it; null: there is none. */
  readonly modelFlag: string | null;
  readonly budgetFlag: string | null;
  readonly turnFlag: string | null;
  /** What its exit codes mean, as measured. */
  readonly exitCodes: readonly { readonly code: string; readonly meaning: string }[];
  /** Where its word or exit code says something else than what happened. */
  readonly knownLies: readonly string[];
  /** Where its token figures differ from what the provider counted. */
  readonly usageGaps: readonly UsageGap[];
  /** The version that all this was measured with; null: no particular one. */
  readonly measuredWith: string | null;
}

/** What a CLI leaves out of its token figures: in words, and as the conformance kit reckons with it, to the token. */
export interface UsageGap {
  readonly text: string;
  /**
   * `side_requests`: those that offer no tools are not told; `unfinished`: a run that did not end by itself tells nothing;
   * `killed_output`: killed, it tells no output; `reasoning_inside`: reasoning is part of the output; `cache_writes`: they have
   * no figure; `rare`: no scenario of the kit brings it about.
   */
  readonly kind: 'side_requests' | 'unfinished' | 'killed_output' | 'reasoning_inside' | 'cache_writes' | 'rare';
}

/** A file of the CLI's own beside its output, found by the end of its name somewhere below a folder. */
export interface SideFile {
  /** Absolute. */
  readonly folder: string;
  readonly endsWith: string;
}

/** A start as it would be without a meter; `env` is complete. */
export interface StartToMeter {
  readonly argv: LaunchPlan['argv'];
  readonly env: Readonly<Record<string, string>>;
  readonly model: string | null;
}

/** The same through a meter: the address of the nth upstream is `METER_ADDRESS/n` now. */
export interface MeteredStart {
  readonly argv: LaunchPlan['argv'];
  /** Laid over everything else. */
  readonly env: Readonly<Record<string, string>>;
  readonly upstreams: readonly string[];
}

/** One agent CLI. */
export interface AgentDriver {
  readonly name: string;
  readonly habits: Habits;
  readonly capabilities: Capabilities;
  /** Throws OperationalError where the CLI cannot be given what is asked (code `launch.…`). */
  launch(input: LaunchInput): LaunchPlan;
  /** Where the CLI tells what it uses as it goes, if not in its output; null: the attempt's `env` does not say where. */
  readonly sideFile?: (sessionId: string, env: Readonly<Record<string, string>>) => SideFile | null;
  /** The variable that names the folder in which the CLI keeps its login, beside or instead of its user's home. */
  readonly loginVariable?: string;
  /** How it is led through a meter; throws OperationalError `launch.metering` where its model's address is not known. Left out: it cannot be. */
  readonly metered?: (start: StartToMeter) => MeteredStart;
  /** Files in which a login of the CLI is kept (absolute), as far as `env` says where: another one there is worth a try. */
  readonly credentialFiles?: (env: Readonly<Record<string, string>>) => readonly string[];
  /** A new reader for one attempt. */
  reader(): StreamReader;
}
