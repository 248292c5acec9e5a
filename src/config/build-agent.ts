// Makes one AgentDefinition out of a checked `[[agents]]` table.

import { resolve } from 'node:path';

import type { AgentDefinition, DriverSettings, Factory, PreCheck, Project } from '../core/fleet.ts';
import { NO_TIMEOUT_MS } from '../core/fleet.ts';
import { agentKey } from '../core/ids.ts';
import type { Entry } from './collect.ts';
import { hashFile } from './hash.ts';
import type { AgentInput } from './schema/agent.ts';
import { personaFile, skillFile } from './text-files.ts';
import type { TextFolders } from './text-files.ts';
import type { Schedules } from './schedules.ts';
import type { Machine } from './world.ts';

const DEFAULT_TIMEOUT_MS = 2 * 3_600_000;
const DEFAULT_MAX_MEMORY_BYTES = 4 * 1024 ** 3;
const DEFAULT_MISFIRE = { policy: 'skip', lateOkMs: 300_000 } as const;
const DEFAULT_SESSION = { maxAgeMs: 86_400_000, maxTokens: 2_000_000 } as const;
const MICRO_USD_PER_CENT = 10_000;

/** What an agent inherits from. */
export interface Home {
  readonly factory: Factory;
  readonly project: Project | null;
  readonly machine: Machine;
  readonly schedules: Schedules;
  readonly texts: TextFolders;
}

/** The agent of `entry`, which must hold no error. */
export function buildAgent(entry: Entry<AgentInput>, home: Home): AgentDefinition {
  const values = entry.values as AgentInput;
  const folder = resolve(entry.source.folder);
  const { project } = home;
  return {
    key: agentKey(project?.id ?? null, values.name),
    name: values.name,
    project: project?.id ?? null,
    layer: values.layer,
    enabled: values.enabled,
    replicas: values.replicas,
    placement: values.placement ?? null,
    cliTool: values.cli_tool.includes('/') ? resolve(folder, values.cli_tool) : values.cli_tool,
    args: values.args,
    task: values.task ?? null,
    ...buildTaskFile(values, folder),
    workingDir:
      values.working_dir === undefined ? (project?.workingDir ?? folder) : resolve(folder, values.working_dir),
    workspace: values.workspace,
    workspaceBase: values.workspace_base ?? null,
    env: { ...project?.env, ...values.env },
    envPass: values.env_pass,
    secrets: values.secrets,
    sandbox: values.sandbox ?? project?.sandbox ?? home.factory.sandbox,
    allowedAddresses: values.allowed_addresses,
    ...buildTrigger(values, home),
    ...buildLimits(values, home),
    ...buildModel(values),
    capabilities: values.capabilities,
    persona: values.persona ?? null,
    personaFile: values.persona === undefined ? null : personaFile(home.texts, values.persona),
    terraphimRole: values.terraphim_role ?? null,
    skillChain: values.skill_chain,
    skills: values.skill_chain.flatMap((name) => {
      const file = skillFile(home.texts, name);
      return file === null ? [] : [{ name, file }];
    }),
    sfiaSkills: values.sfia_skills,
    giteaIssue: values.gitea_issue ?? null,
    evolutionEnabled: values.evolution_enabled,
    rlmEnabled: values.rlm_enabled ?? null,
    bypassKgRouting: values.bypass_kg_routing,
  };
}

function buildTaskFile(
  { task_file: file, layer }: AgentInput,
  folder: string,
): Pick<AgentDefinition, 'taskFile' | 'taskFileHash'> {
  const taskFile = file === undefined ? null : resolve(folder, file);
  return { taskFile, taskFileHash: taskFile === null || layer !== 'Safety' ? null : hashFile(taskFile) };
}

type Trigger = Pick<
  AgentDefinition,
  | 'schedule'
  | 'timezone'
  | 'jitterMs'
  | 'misfire'
  | 'overlap'
  | 'decay'
  | 'events'
  | 'eventOnly'
  | 'preCheck'
  | 'priority'
  | 'retry'
  | 'session'
>;

function buildTrigger(values: AgentInput, { factory, schedules }: Home): Trigger {
  const { retry, session } = values;
  return {
    schedule: values.event_only || values.schedule === undefined ? null : schedules.get(values.schedule),
    timezone: values.timezone ?? factory.timezone,
    jitterMs: values.jitter,
    misfire: misfireOf(values.misfire),
    overlap: values.overlap,
    decay: values.decay,
    events: values.events,
    eventOnly: values.event_only,
    preCheck: preCheckOf(values),
    priority: values.priority,
    retry: retry === undefined ? null : { max: retry.max, backoffMs: retry.backoff, capMs: retry.cap },
    session: session === undefined ? DEFAULT_SESSION : { maxAgeMs: session.max_age, maxTokens: session.max_tokens },
  };
}

type LimitKeys = Pick<
  AgentDefinition,
  | 'maxMemoryBytes'
  | 'memoryHighBytes'
  | 'maxCpuMs'
  | 'cpuQuotaPercent'
  | 'maxPids'
  | 'maxOutputBytes'
  | 'maxOutputBytesPerSecond'
  | 'timeoutMs'
  | 'stallTimeoutMs'
  | 'gracePeriodMs'
  | 'enforcement'
>;

function buildLimits(values: AgentInput, { factory, machine }: Home): LimitKeys {
  const quarter = Math.floor(machine.memoryBytes / 4);
  return {
    maxMemoryBytes: values.max_memory_bytes ?? Math.min(DEFAULT_MAX_MEMORY_BYTES, quarter),
    memoryHighBytes: values.memory_high ?? null,
    maxCpuMs: values.max_cpu_seconds ?? null,
    cpuQuotaPercent: values.cpu_quota ?? null,
    maxPids: values.max_pids ?? null,
    maxOutputBytes: values.max_output,
    maxOutputBytesPerSecond: values.max_output_rate,
    timeoutMs: values.timeout ?? (values.layer === 'Safety' ? NO_TIMEOUT_MS : DEFAULT_TIMEOUT_MS),
    stallTimeoutMs: values.stall_timeout ?? null,
    gracePeriodMs: values.grace_period_secs,
    enforcement: values.enforcement ?? factory.enforcement,
  };
}

type ModelKeys = Pick<
  AgentDefinition,
  'model' | 'provider' | 'fallbackModel' | 'fallbackProvider' | 'budgetMonthlyCents' | 'metering' | 'subscription'
> & { readonly settings: DriverSettings };

function buildModel(values: AgentInput): ModelKeys {
  const budget = values.max_budget_cents;
  return {
    model: values.model ?? null,
    provider: values.provider ?? null,
    fallbackModel: values.fallback_model ?? null,
    fallbackProvider: values.fallback_provider ?? null,
    budgetMonthlyCents: values.budget_monthly_cents ?? null,
    metering: values.metering,
    subscription: values.subscription ?? null,
    settings: {
      permissionMode: values.permission_mode ?? null,
      allowedTools: values.allowed_tools,
      deniedTools: values.denied_tools,
      maxTurns: values.max_turns ?? null,
      maxBudgetMicroUsd: budget === undefined ? null : budget * MICRO_USD_PER_CENT,
    },
  };
}

function misfireOf(misfire: AgentInput['misfire']): AgentDefinition['misfire'] {
  if (misfire === undefined) {
    return DEFAULT_MISFIRE;
  }
  return typeof misfire === 'string'
    ? { ...DEFAULT_MISFIRE, policy: misfire }
    : { policy: misfire.policy, lateOkMs: misfire.late_ok };
}

function preCheckOf({ pre_check: check, gitea_issue: ownIssue }: AgentInput): PreCheck {
  if (check === undefined || check === 'always') {
    return { kind: 'always' };
  }
  switch (check.kind) {
    case 'always':
      return { kind: 'always' };
    case 'git-diff':
      return { kind: 'git-diff', watchPaths: check.watch_paths ?? [] };
    case 'gitea-issue':
      return { kind: 'gitea-issue', issue: check.issue_number ?? ownIssue ?? 0 };
    case 'shell':
      return { kind: 'shell', script: check.script ?? '', timeoutMs: check.timeout_secs };
  }
}
