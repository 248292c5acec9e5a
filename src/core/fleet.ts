// The fleet as agents.toml describes it, checked and with every default filled in: what the rest of the house reads.
// Units: …Ms milliseconds, …Bytes bytes, …Percent of one processor. `null` means "not set"; lists default to empty.

import type { AlertRule } from './alert/alert.ts';
import type { Remedy } from './alert/remedy.ts';
import type { AlertSettings } from './alert/settings.ts';
import type { Budget } from './budget/budget.ts';
import type { ModelPrice } from './budget/prices.ts';
import type { AgentKey, ProjectId } from './ids.ts';
import type { SessionRule } from './session/session.ts';
import type { Schedule } from './trigger/schedule-fields.ts';
import type { WorkspaceKind } from './workspace/workspace.ts';

/** Everything in force at one time. `hash` names this configuration in every fact. */
export interface Fleet {
  readonly hash: string;
  readonly factory: Factory;
  readonly projects: readonly Project[];
  readonly agents: readonly AgentDefinition[];
  readonly gitea: GiteaAccess | null;
  readonly guardrails: Guardrails;
  readonly budgets: readonly Budget[];
  /** Come before the list of ours. */
  readonly prices: readonly ModelPrice[];
  readonly secrets: SecretPlaces;
  readonly alerts: AlertSettings;
  readonly channels: readonly ChannelAccess[];
  /** Null: nobody explains alerts. */
  readonly ai: AiAccess | null;
  readonly autoRemediate: AutoRemediate;
}

/** `[[channels]]`: somebody who is told of alerts. Addresses and keys in files are read when they are used. */
export interface ChannelAccess {
  readonly name: string;
  readonly kind: 'webhook' | 'slack' | 'tracker';
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly secretFile: string | null;
}

/** `[secrets]`: absolute paths, or `credential:NAME`; the values are read when an agent is given them, and never kept here. */
export interface SecretPlaces {
  readonly envFile: string | null;
  /** By the name of the variable. */
  readonly files: Readonly<Record<string, string>>;
}

/** `[ai]` with an endpoint and a model. */
export interface AiAccess {
  /** As messages name it; all are spoken to in the same way. */
  readonly provider: string;
  readonly endpoint: string;
  readonly model: string;
  readonly apiKeyFile: string | null;
  readonly dailyTokens: number;
}

/** `[auto_remediate]`: what may be carried out without a person. */
export interface AutoRemediate {
  readonly allowed: Readonly<Record<AlertRule, readonly Remedy[]>>;
  readonly maxPerDay: number;
}

/** `[factory]`. Paths are absolute. */
export interface Factory {
  readonly name: string;
  /** Part of the identity of everything that is reconciled. */
  readonly environment: string;
  readonly stateDir: string;
  readonly pauseDir: string;
  /** Control socket, or null for `<runtime or state directory>/adf.sock`. */
  readonly socket: string | null;
  readonly timezone: string;
  readonly maxConcurrentAgents: number;
  readonly maxWaiting: number;
  readonly queueTimeoutMs: number;
  readonly host: HostChoice;
  readonly enforcement: EnforcementDemand;
  /** Of agents that name none, nor does their project. */
  readonly sandbox: SandboxLevel;
  readonly diskFreeFloorBytes: number;
  readonly inodesFreeFloor: number;
  /** Folder of all workspaces, and what of them is kept. */
  readonly workspaceDir: string;
  readonly workspaceRetentionMs: number;
  readonly workspaceMaxBytes: number;
  /** Shares of ten seconds in which work stood still; 100 holds nothing. */
  readonly memoryPressurePercent: number;
  readonly cpuPressurePercent: number;
  /** No starts for so long after many deaths; 0: never held. */
  readonly massDeathHoldMs: number;
  readonly drainTimeoutMs: number;
  /** Added to announced resets of accounts. */
  readonly resetSkewMs: number;
  readonly retentionRunsMs: number;
  readonly retentionLogsMs: number;
  /** A changed agents.toml comes into force by itself. */
  readonly watchConfig: boolean;
  /** `[watchdog] interval`. */
  readonly watchdogIntervalMs: number;
}

/** `[guardrails]`: what a reconciliation may come to. null: no limit; for deletes, half the fleet. */
export interface Guardrails {
  readonly maxAgents: number | null;
  readonly maxConcurrent: number | null;
  readonly maxMemoryTotalBytes: number | null;
  readonly maxDeletes: number | null;
}

/** Who starts and holds agents; `auto`: the service manager where it started the factory itself, else keepers. */
export type HostChoice = 'auto' | 'keeper' | 'systemd';

/** `kernel` refuses a start whose limits the kernel cannot hold; `any` accepts sampling, labelled. */
export type EnforcementDemand = 'any' | 'kernel';

/** How much of the machine is closed to an agent (core/sandbox says what that is). */
export type SandboxLevel = 'off' | 'standard' | 'strict';

/** `[[projects]]`. */
export interface Project {
  readonly id: ProjectId;
  readonly workingDir: string;
  /** System user of its agents; null: the execution host's default. */
  readonly user: string | null;
  /** Of its agents; null: that of their user. */
  readonly home: string | null;
  /** The folder in which a login for an account is kept; absolute. */
  readonly credentials: readonly { readonly account: string; readonly folder: string }[];
  readonly maxConcurrentAgents: number;
  readonly sandbox: SandboxLevel;
  readonly env: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly breaker: BreakerRule;
  /** Repository for escalations; null: the fleet's default, or the local tracker. */
  readonly owner: string | null;
  readonly repository: string | null;
}

/** `[breaker]` with `[projects.breaker]` laid over it. `threshold` is at least 1 (0 in the file means 1). */
export interface BreakerRule {
  readonly threshold: number;
  /** Patterns of agent names whose failures count; `*` stands for any text. */
  readonly agents: readonly string[];
  readonly sameClass: { readonly count: number; readonly windowMs: number } | null;
  readonly probeAfterMs: number;
  readonly probeFirst: boolean;
  readonly autoResumeAfterMs: number | null;
  readonly pauseStopsRunning: boolean;
}

/** `[gitea]`: where escalations go. The token is read from its file when it is used, never kept here. */
export interface GiteaAccess {
  readonly url: string;
  readonly tokenFile: string;
  readonly owner: string;
  readonly repository: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
}

/** The wall clock of a Safety agent without a `timeout`: a hundred years, so that deadlines stay plain numbers. */
export const NO_TIMEOUT_MS = 36_500 * 86_400_000;

/** Safety: always on. Core: on its schedule. Growth: on demand. */
export type Layer = 'Safety' | 'Core' | 'Growth';

/** What happens to a slot that comes due while the agent still runs. */
export type OverlapPolicy = 'skip' | 'queue' | 'replace' | 'allow';

/** What happens to slots missed while the factory was down or the clock jumped. */
export type MisfirePolicy = 'skip' | 'run_once' | 'run_all';

/** Asked before a run starts: is there anything to do? */
export type PreCheck =
  | { readonly kind: 'always' }
  | { readonly kind: 'git-diff'; readonly watchPaths: readonly string[] }
  | { readonly kind: 'gitea-issue'; readonly issue: number }
  | { readonly kind: 'shell'; readonly script: string; readonly timeoutMs: number };

/** `[[agents]]`: one entry of agents.toml, names as there in camel case. */
export interface AgentDefinition {
  readonly key: AgentKey;
  readonly name: string;
  readonly project: ProjectId | null;
  readonly layer: Layer;
  /** A driver's name (`claude`), or a program: a name on PATH, or an absolute path. */
  readonly cliTool: string;
  /** Runs of a Safety agent that are kept alive. */
  readonly replicas: number;
  /** The only machine on which a Safety agent is kept alive; null: this one, whatever it is called. */
  readonly placement: { readonly node: string } | null;
  readonly task: string | null;
  readonly taskFile: string | null;
  /** What `taskFile` held when it was loaded, of an agent that is always on; null: the others read it at each start. */
  readonly taskFileHash: string | null;
  readonly args: readonly string[];
  readonly schedule: Schedule | null;
  readonly timezone: string;
  readonly jitterMs: number;
  readonly misfire: { readonly policy: MisfirePolicy; readonly lateOkMs: number };
  readonly overlap: OverlapPolicy;
  /** Its slots get further apart while its runs change nothing. */
  readonly decay: boolean;
  readonly events: readonly string[];
  readonly eventOnly: boolean;
  readonly enabled: boolean;
  readonly priority: number;
  readonly workingDir: string;
  readonly workspace: WorkspaceKind;
  /** Branch or commit that a worktree begins at; null: the remote's own branch, else HEAD. */
  readonly workspaceBase: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly envPass: readonly string[];
  /** Names of the secrets that it is given. */
  readonly secrets: readonly string[];
  readonly model: string | null;
  readonly provider: string | null;
  readonly fallbackProvider: string | null;
  readonly fallbackModel: string | null;
  readonly capabilities: readonly string[];
  readonly persona: string | null;
  /** The file with its persona; null: none, or the factory has no folder of them. */
  readonly personaFile: string | null;
  readonly terraphimRole: string | null;
  readonly skillChain: readonly string[];
  /** Those of its skills that have a file, in the order of their use. */
  readonly skills: readonly { readonly name: string; readonly file: string }[];
  readonly sfiaSkills: readonly string[];
  readonly maxMemoryBytes: number;
  /** Where the kernel begins to slow it down; null: nowhere. */
  readonly memoryHighBytes: number | null;
  readonly maxCpuMs: number | null;
  readonly cpuQuotaPercent: number | null;
  readonly maxPids: number | null;
  readonly maxOutputBytes: number;
  readonly maxOutputBytesPerSecond: number;
  /** `NO_TIMEOUT_MS` for a Safety agent that names none. */
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | null;
  readonly gracePeriodMs: number;
  readonly retry: RetryRule | null;
  readonly session: SessionRule;
  readonly enforcement: EnforcementDemand;
  readonly sandbox: SandboxLevel;
  /** Networks that a strict sandbox leaves open. */
  readonly allowedAddresses: readonly string[];
  readonly preCheck: PreCheck;
  readonly settings: DriverSettings;
  readonly budgetMonthlyCents: number | null;
  /** Its account is a plan with a fixed price; null: its CLI may know. */
  readonly subscription: boolean | null;
  /** A meter stands between it and its model. */
  readonly metering: boolean;
  readonly giteaIssue: number | null;
  readonly evolutionEnabled: boolean;
  readonly rlmEnabled: boolean | null;
  readonly bypassKgRouting: boolean;
}

/** Keys of agents.toml that are the agent CLI's own business. */
export interface DriverSettings {
  readonly permissionMode: string | null;
  readonly allowedTools: readonly string[];
  readonly deniedTools: readonly string[];
  readonly maxTurns: number | null;
  readonly maxBudgetMicroUsd: number | null;
}

/** `retry = { max, backoff, cap }`: attempts after the first, first delay, longest delay. */
export interface RetryRule {
  readonly max: number;
  readonly backoffMs: number;
  readonly capMs: number;
}
