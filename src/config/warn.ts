// Finds what is allowed and probably not meant: keys without effect, agents that nothing will start, projects that nothing guards.

import { existsSync } from 'node:fs';

import type { AgentDefinition, Fleet, HostChoice } from '../core/fleet.ts';
import { matchesPattern } from '../core/name-pattern.ts';
import { ceilings } from '../core/reconcile/guardrails.ts';
import { formatBytes } from '../lib/bytes.ts';
import type { Entries, Entry } from './collect.ts';
import { INERT_KEYS } from './inert-keys.ts';
import type { KeyPath } from './problem.ts';
import { quote } from './problem.ts';
import type { AgentInput } from './schema/agent.ts';
import type { Source } from './source.ts';
import { pattern } from './source.ts';
import type { TomlValue } from './toml.ts';
import type { World } from './world.ts';
import { promisableBytes } from '../core/admission/gates/capacity.ts';

const META_AGENT = /^project-meta(?:-.*)?$/;
const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY)$/i;

/** Warns of keys that are accepted but have no effect yet, and of secrets that seem to stand in the file. */
export function warnOfKeys(source: Source): void {
  walk(source.root, [], (path, value) => {
    const at = pattern(path);
    if (INERT_KEYS.includes(at)) {
      source.warning(path, 'is accepted, but has no effect yet', 'key');
    }
    const name = String(path.at(-1));
    if (
      /^(?:agents|projects)\[\]\.env\./.test(at) &&
      SECRET_NAME.test(name) &&
      typeof value === 'string' &&
      !source.usesEnvironment(path)
    ) {
      source.warning(path, `looks like a secret in a file: write "\${${name}}", or name it in env_pass`);
    }
  });
}

/** Warns of everything that only shows once the fleet is whole. */
export function warnOfFleet(entries: Entries, fleet: Fleet, world: World): void {
  if (fleet.agents.length === 0) {
    entries.factory.source.warning([], 'there are no [[agents]]: nothing will run');
  }
  for (const [index, agent] of fleet.agents.entries()) {
    const entry = entries.agents[index];
    if (entry !== undefined && agent.enabled) {
      warnOfAgent(entry, agent, { world, host: fleet.factory.host });
      if (agent.giteaIssue !== null && fleet.gitea === null) {
        entry.source.warning([...entry.path, 'gitea_issue'], 'has no effect without [gitea]: nothing is posted', 'key');
      }
    }
  }
  warnOfProjects(entries, fleet);
  for (const { code, text } of ceilings(fleet)) {
    entries.guardrails.source.warning(['guardrails', code], `${text}: adf apply and adf reload will refuse it`);
  }
}

function warnOfAgent(
  entry: Entry<AgentInput>,
  agent: AgentDefinition,
  { world, host }: { readonly world: World; readonly host: HostChoice },
): void {
  const warn = (key: string, message: string): void => entry.source.warning([...entry.path, key], message);
  const shown = (key: string): string => entry.source.show([...entry.path, key]);
  if (world.machine.findProgram(agent.cliTool) === null) {
    warn('cli_tool', `${shown('cli_tool')} is not on PATH here: its runs will not start`);
  }
  if (!existsSync(agent.workingDir)) {
    warn('working_dir', 'its working folder does not exist: its runs will not start');
  }
  if (agent.allowedAddresses.length > 0 && agent.sandbox !== 'strict') {
    warn('allowed_addresses', 'has no effect without sandbox = "strict": everything can be spoken to');
  }
  if (agent.sandbox !== 'off' && host !== 'systemd' && world.machine.findProgram('bwrap') === null) {
    warn('sandbox', `"${agent.sandbox}" needs bubblewrap, unless systemd holds its runs; without it they are refused`);
  }
  if (agent.project === null && META_AGENT.test(agent.name)) {
    warn('name', `${quote(agent.name)} is named like a meta agent but has no project: its failures pause nothing`);
  }
  const schedule = agent.schedule;
  if (schedule?.restrictsDayOfMonth === true && schedule.restrictsDayOfWeek) {
    warn(
      'schedule',
      `${quote(schedule.text)} restricts day of month and day of week: it runs on days that match either of them`,
    );
  }
  if (agent.eventOnly && entry.values.schedule !== undefined) {
    warn('schedule', 'has no effect while event_only is true');
  }
  if (agent.memoryHighBytes !== null && agent.memoryHighBytes >= agent.maxMemoryBytes) {
    warn('memory_high', `has no effect: it is not below max_memory_bytes (${formatBytes(agent.maxMemoryBytes)})`);
  }
  const promised = promisableBytes(world.machine.memoryBytes);
  if (agent.maxMemoryBytes > promised) {
    warn(
      'max_memory_bytes',
      `${formatBytes(agent.maxMemoryBytes)} are more than this machine may promise (${formatBytes(promised)}, 80% of its memory): it will wait for ever`,
    );
  }
}

function warnOfProjects(entries: Entries, fleet: Fleet): void {
  for (const [index, project] of fleet.projects.entries()) {
    const entry = entries.projects[index];
    const counts = fleet.agents.some(
      (agent) =>
        agent.project === project.id &&
        agent.enabled &&
        project.breaker.agents.some((wanted) => matchesPattern(wanted, agent.name)),
    );
    if (entry !== undefined && project.enabled && !counts) {
      const wanted = project.breaker.agents.map(quote).join(', ');
      entry.source.warning(
        [...entry.path, 'id'],
        `no agent of "${project.id}" counts for its breaker (counted: ${wanted}): failures will never pause it`,
      );
    }
  }
}

function walk(value: TomlValue, path: KeyPath, visit: (path: KeyPath, value: TomlValue) => void): void {
  if (path.length > 0) {
    visit(path, value);
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, [...path, Array.isArray(value) ? Number(key) : key], visit);
    }
  }
}
