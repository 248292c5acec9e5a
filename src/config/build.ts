// Makes the Fleet out of checked tables: absolute paths, inherited settings, and every default filled in.

import { dirname, resolve } from 'node:path';

import type { BreakerRule, Factory, Fleet, GiteaAccess, Guardrails, Project, SecretPlaces } from '../core/fleet.ts';
import type { ModelPrice } from '../core/budget/prices.ts';
import type { ProjectId } from '../core/ids.ts';
import { buildAlerts } from './build-alerts.ts';
import { buildBudgets } from './build-budgets.ts';
import { buildAgent } from './build-agent.ts';
import type { Entries, Entry } from './collect.ts';
import { hashFleet } from './hash.ts';
import type { BreakerInput } from './schema/breaker.ts';
import type { FactoryInput } from './schema/factory.ts';
import type { GiteaInput } from './schema/gitea.ts';
import type { GuardrailsInput } from './schema/guardrails.ts';
import type { PriceInput } from './schema/price.ts';
import type { ProjectInput } from './schema/project.ts';
import { secretFileOf } from './secret-place.ts';
import type { SecretsInput } from './schema/secrets.ts';
import type { WatchdogInput } from './schema/watchdog.ts';
import type { Schedules } from './schedules.ts';
import { textFolders } from './text-files.ts';
import type { Machine, World } from './world.ts';

const GIB = 1024 ** 3;
const FOREGROUND_DRAIN_MS = 15_000;
const SERVICE_DRAIN_MS = 120_000;

const BREAKER_DEFAULTS: BreakerRule = {
  threshold: 3,
  agents: ['project-meta', 'project-meta-*'],
  sameClass: null,
  probeAfterMs: 600_000,
  probeFirst: false,
  autoResumeAfterMs: null,
  pauseStopsRunning: false,
};

/** The fleet of `entries`, which must hold no error. */
export function buildFleet(entries: Entries, world: World, schedules: Schedules): Fleet {
  const watchdogIntervalMs = (entries.watchdog.values as WatchdogInput).interval;
  const factory = { ...buildFactory(entries.factory, world), watchdogIntervalMs };
  const breaker = layBreaker(BREAKER_DEFAULTS, entries.breaker.values);
  const projects = entries.projects.map((project) => buildProject(project, factory, breaker));
  const texts = textFolders(entries);
  const byId = new Map(projects.map((project) => [project.id as string, project]));
  const agents = entries.agents.map((agent) =>
    buildAgent(agent, {
      factory,
      machine: world.machine,
      schedules,
      texts,
      project: byId.get(agent.values.project ?? '') ?? null,
    }),
  );
  const gitea = entries.gitea === null ? null : buildGitea(entries.gitea);
  const guardrails = buildGuardrails(entries.guardrails.values);
  const budgets = buildBudgets(entries.budgets, agents);
  const secrets = buildSecrets(entries.secrets);
  const prices = entries.prices.map(buildPrice);
  const content = { factory, projects, agents, gitea, guardrails, budgets, prices, secrets, ...buildAlerts(entries) };
  return { hash: hashFleet(content), ...content };
}

function buildPrice(entry: Entry<PriceInput>): ModelPrice {
  const values = entry.values as PriceInput;
  const { model, input, output } = values;
  return {
    name: model,
    input,
    output,
    cacheRead: values.cache_read ?? null,
    cacheWrite: values.cache_write ?? null,
  };
}

function buildFactory(entry: Entry<FactoryInput>, world: World): Omit<Factory, 'watchdogIntervalMs'> {
  const values = entry.values as FactoryInput;
  const stateDir = pathOf(entry, values.state_dir) ?? world.stateDirectory ?? resolve(folderOf(entry), '.adf');
  return {
    name: values.name,
    environment: values.environment,
    stateDir,
    pauseDir: pathOf(entry, values.pause_dir) ?? resolve(stateDir, 'pause'),
    socket: pathOf(entry, values.socket),
    timezone: values.timezone,
    watchConfig: values.watch_config,
    maxConcurrentAgents: values.max_concurrent_agents ?? defaultConcurrency(world.machine),
    maxWaiting: values.max_waiting,
    queueTimeoutMs: values.queue_timeout,
    host: values.host,
    enforcement: values.enforcement,
    sandbox: values.sandbox,
    diskFreeFloorBytes: values.disk_free_floor,
    inodesFreeFloor: values.inodes_free_floor,
    workspaceDir: pathOf(entry, values.workspace_dir) ?? resolve(stateDir, 'workspaces'),
    workspaceRetentionMs: values.workspace_retention,
    workspaceMaxBytes: values.workspace_max_total,
    memoryPressurePercent: values.memory_pressure_percent,
    cpuPressurePercent: values.cpu_pressure_percent,
    massDeathHoldMs: values.mass_death_hold,
    drainTimeoutMs: values.drain_timeout ?? (world.foreground ? FOREGROUND_DRAIN_MS : SERVICE_DRAIN_MS),
    resetSkewMs: values.reset_skew,
    retentionRunsMs: values.retention_runs,
    retentionLogsMs: values.retention_logs,
  };
}

/** Two runs per core, since agents mostly wait for a model; at most one per GiB; never fewer than two. */
function defaultConcurrency(machine: Machine): number {
  return Math.max(2, Math.min(machine.cores * 2, Math.floor(machine.memoryBytes / GIB)));
}

function buildProject(entry: Entry<ProjectInput>, factory: Factory, breaker: BreakerRule): Project {
  const values = entry.values as ProjectInput;
  return {
    id: values.id as ProjectId,
    workingDir: pathOf(entry, values.working_dir) ?? folderOf(entry),
    user: values.user ?? null,
    home: pathOf(entry, values.home),
    credentials: Object.entries(values.credentials).map(([account, folder]) => ({
      account,
      folder: resolve(folderOf(entry), folder),
    })),
    maxConcurrentAgents: values.max_concurrent_agents ?? factory.maxConcurrentAgents,
    sandbox: values.sandbox ?? factory.sandbox,
    env: values.env,
    enabled: values.enabled,
    breaker: layBreaker(breaker, values.breaker ?? {}),
    owner: values.owner ?? null,
    repository: values.repository ?? null,
  };
}

function layBreaker(base: BreakerRule, over: Partial<BreakerInput>): BreakerRule {
  return {
    threshold: over.threshold === undefined ? base.threshold : Math.max(1, over.threshold),
    agents: over.agents ?? base.agents,
    sameClass:
      over.same_class === undefined
        ? base.sameClass
        : { count: over.same_class.count, windowMs: over.same_class.window },
    probeAfterMs: over.probe_after ?? base.probeAfterMs,
    probeFirst: over.probe_first ?? base.probeFirst,
    autoResumeAfterMs: over.auto_resume_after ?? base.autoResumeAfterMs,
    pauseStopsRunning: over.pause_stops_running ?? base.pauseStopsRunning,
  };
}

function buildGuardrails(values: Partial<GuardrailsInput>): Guardrails {
  return {
    maxAgents: values.max_agents ?? null,
    maxConcurrent: values.max_concurrent ?? null,
    maxMemoryTotalBytes: values.max_memory_total ?? null,
    maxDeletes: values.max_deletes ?? null,
  };
}

function buildGitea(entry: Entry<GiteaInput>): GiteaAccess {
  const values = entry.values as GiteaInput;
  return {
    url: values.url.replace(/\/+$/, ''),
    tokenFile: secretFileOf(entry, values.token_file),
    owner: values.owner,
    repository: values.repository,
    labels: values.labels,
    assignees: values.assignees,
  };
}

function buildSecrets(entry: Entry<SecretsInput>): SecretPlaces {
  const { env_file, files } = entry.values as SecretsInput;
  return {
    envFile: env_file === undefined ? null : secretFileOf(entry, env_file),
    files: Object.fromEntries(Object.entries(files).map(([name, file]) => [name, secretFileOf(entry, file)])),
  };
}

function folderOf(entry: Entry<unknown>): string {
  return resolve(dirname(entry.source.file));
}

function pathOf(entry: Entry<unknown>, path: string | undefined): string | null {
  return path === undefined ? null : resolve(folderOf(entry), path);
}
