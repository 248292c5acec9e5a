// Says of each field of an agent what a change of it does to what runs.

import type { AgentDefinition } from '../fleet.ts';

/**
 * `in-place`: decides about later starts, and no running agent is touched. `restart`: what is kept alive is ended, and as
 * much of it as is still wanted begins anew. `recreate`: the same, and what was learned of the old one (quarantine,
 * restarts) is forgotten, because it is another program now.
 */
export type ChangeClass = 'in-place' | 'restart' | 'recreate';

/** In rising order. */
const CLASSES: readonly ChangeClass[] = ['in-place', 'restart', 'recreate'];

/** Every field has a class: a new one does not compile before somebody has said what a change of it does. */
const AGENT_FIELDS: Readonly<Record<keyof AgentDefinition, ChangeClass>> = {
  key: 'recreate',
  name: 'recreate',
  project: 'recreate',
  layer: 'recreate',
  cliTool: 'recreate',
  // What a process was started with: the running one keeps it until it ends.
  args: 'restart',
  task: 'restart',
  taskFile: 'restart',
  taskFileHash: 'restart',
  personaFile: 'restart',
  skills: 'restart',
  workingDir: 'restart',
  workspace: 'restart',
  workspaceBase: 'restart',
  env: 'restart',
  envPass: 'restart',
  secrets: 'restart',
  model: 'restart',
  provider: 'restart',
  settings: 'restart',
  maxMemoryBytes: 'restart',
  memoryHighBytes: 'restart',
  maxCpuMs: 'restart',
  cpuQuotaPercent: 'restart',
  maxPids: 'restart',
  maxOutputBytes: 'restart',
  maxOutputBytesPerSecond: 'restart',
  timeoutMs: 'restart',
  sandbox: 'restart',
  allowedAddresses: 'restart',
  metering: 'restart',
  // How many are wanted: those that stay are left alone.
  replicas: 'in-place',
  placement: 'in-place',
  enabled: 'in-place',
  // When, and whether at all, the next one starts, and what follows its end.
  schedule: 'in-place',
  timezone: 'in-place',
  jitterMs: 'in-place',
  misfire: 'in-place',
  overlap: 'in-place',
  decay: 'in-place',
  events: 'in-place',
  eventOnly: 'in-place',
  priority: 'in-place',
  preCheck: 'in-place',
  session: 'in-place',
  retry: 'in-place',
  stallTimeoutMs: 'in-place',
  gracePeriodMs: 'in-place',
  enforcement: 'in-place',
  fallbackProvider: 'in-place',
  fallbackModel: 'in-place',
  capabilities: 'in-place',
  persona: 'in-place',
  terraphimRole: 'in-place',
  skillChain: 'in-place',
  sfiaSkills: 'in-place',
  budgetMonthlyCents: 'in-place',
  subscription: 'in-place',
  giteaIssue: 'in-place',
  evolutionEnabled: 'in-place',
  rlmEnabled: 'in-place',
  bypassKgRouting: 'in-place',
};

/** The fields that a running process was started with. */
export const PROCESS_FIELDS: readonly (keyof AgentDefinition)[] = (
  Object.keys(AGENT_FIELDS) as (keyof AgentDefinition)[]
).filter((field) => AGENT_FIELDS[field] !== 'in-place');

/** What a change of all these fields of an agent does; of none: nothing, in place. */
export function classOf(fields: readonly string[]): ChangeClass {
  return fields
    .map((field) => (AGENT_FIELDS as Readonly<Record<string, ChangeClass>>)[field] ?? 'in-place')
    .reduce(highest, 'in-place');
}

/** The class that does more. */
export function highest(a: ChangeClass, b: ChangeClass): ChangeClass {
  return CLASSES.indexOf(a) >= CLASSES.indexOf(b) ? a : b;
}
