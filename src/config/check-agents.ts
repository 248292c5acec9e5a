// Checks each agent against the rest: its project, its trigger, its task, its program.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { nearestName } from '../lib/nearest.ts';
import type { Entries, Entry } from './collect.ts';
import { didYouMean, quote } from './problem.ts';
import type { AgentInput } from './schema/agent.ts';
import type { Schedules } from './schedules.ts';
import { checkTimezone } from './timezone.ts';
import { personaFile, skillFile, textFolders } from './text-files.ts';
import type { TextFolders } from './text-files.ts';
import type { World } from './world.ts';

type AgentEntry = Entry<AgentInput>;

/** Programs that run their task as a script; without a task and arguments they would do nothing. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'fish']);

/** The driver of everything that is no agent CLI; its name is not written. */
const ANY_PROGRAM = 'exec';

/** Reports every agent that does not fit the fleet. */
export function checkAgents(entries: Entries, world: World, schedules: Schedules): void {
  const projects = new Set(entries.projects.flatMap(({ values }) => values.id ?? []));
  const first = new Map<string, AgentEntry>();
  for (const agent of entries.agents) {
    checkProject(agent, projects);
    checkName(agent, first);
    checkTrigger(agent);
    checkSchedule(agent, schedules);
    checkTask(agent, world);
    checkProgram(agent, world);
    checkPreCheck(agent, entries.gitea !== null);
    checkTexts(agent, textFolders(entries), world);
    checkRetry(agent);
    checkWorkspace(agent);
    checkMetering(agent, world);
  }
}

function checkProject(agent: AgentEntry, projects: ReadonlySet<string>): void {
  const { project } = agent.values;
  if (project !== undefined && !projects.has(project)) {
    const allowed = projects.size === 0 ? '; there are no [[projects]]' : didYouMean(nearestName(project, projects));
    report(
      agent,
      'project',
      `unknown project ${quote(project)}${allowed === '' ? `; known: ${[...projects].join(', ')}` : allowed}`,
    );
  }
}

function checkName(agent: AgentEntry, first: Map<string, AgentEntry>): void {
  const { name, project } = agent.values;
  if (name === undefined) {
    return;
  }
  const key = `${project ?? ''}/${name}`;
  const other = first.get(key);
  if (other === undefined) {
    first.set(key, agent);
    return;
  }
  const home = project === undefined ? 'without a project' : `of project "${project}"`;
  report(
    agent,
    'name',
    `"${name}" is taken by another agent ${home} (${other.source.where([...other.path, 'name'])}): choose another`,
  );
}

function checkTrigger(agent: AgentEntry): void {
  const { layer, events = [] } = agent.values;
  const scheduled = given(agent, 'schedule');
  if (layer === 'Core' && !scheduled && events.length === 0 && !isBad(agent, 'events')) {
    report(
      agent,
      'schedule',
      'missing; an agent of layer "Core" needs a schedule or events (layer "Growth" runs on demand)',
    );
  }
  if (layer === 'Growth' && scheduled) {
    reportKey(
      agent,
      'schedule',
      'an agent of layer "Growth" runs on demand: remove the schedule, or write layer = "Core"',
    );
  }
  if (layer === 'Safety') {
    for (const key of ['schedule', 'events', 'event_only'] as const) {
      if (given(agent, key) && agent.values[key] !== false) {
        reportKey(agent, key, `an agent of layer "Safety" is always on: remove ${key}, or write layer = "Core"`);
      }
    }
  }
  if (agent.values.event_only === true && layer !== 'Safety' && events.length === 0 && !isBad(agent, 'events')) {
    report(agent, 'event_only', 'true needs events = ["…"]: without them nothing would ever start it');
  }
}

function checkSchedule(agent: AgentEntry, schedules: Schedules): void {
  const { schedule } = agent.values;
  if (schedule !== undefined) {
    const parsed = schedules.parse(schedule);
    if (parsed.kind === 'error') {
      report(agent, 'schedule', `${quote(schedule)}: ${parsed.message}`);
    }
  }
  checkTimezone(agent, agent.values.timezone);
}

function checkTask(agent: AgentEntry, world: World): void {
  const { cli_tool: tool = '', task_file: file, args = [] } = agent.values;
  const program = tool.slice(tool.lastIndexOf('/') + 1);
  const hasTask = given(agent, 'task');
  if (hasTask && given(agent, 'task_file')) {
    reportKey(agent, 'task_file', 'a task stands here already: keep task or task_file');
  } else if (file !== undefined && !existsSync(resolve(agent.source.folder, file))) {
    report(agent, 'task_file', `${agent.source.show([...agent.path, 'task_file'])}: there is no such file`);
  }
  if (hasTask || given(agent, 'task_file') || agent.values.layer === 'Growth') {
    return;
  }
  if (world.drivers.includes(program) && program !== ANY_PROGRAM) {
    report(agent, 'task', `missing; ${program} needs a task or task_file`);
  } else if (SHELLS.has(program) && args.length === 0) {
    report(agent, 'task', `missing; ${program} needs a script as task, or args`);
  }
}

function checkProgram(agent: AgentEntry, world: World): void {
  const { cli_tool: program } = agent.values;
  if (program === ANY_PROGRAM) {
    report(agent, 'cli_tool', '"exec" is what runs any program: write the program itself');
  }
  if (program === undefined || program.includes('/') || world.drivers.includes(program)) {
    return;
  }
  const meant = nearestName(program, world.drivers);
  if (meant !== null && world.machine.findProgram(program) === null) {
    const found = agent.source.show([...agent.path, 'cli_tool']);
    report(agent, 'cli_tool', `unknown driver ${found} (did you mean "${meant}"? or give a program's path)`);
  }
}

/** What each kind of pre-check is told: its key and an example. */
const PRE_CHECK_KEYS = {
  always: null,
  'git-diff': { key: 'watch_paths', example: '["src"]' },
  'gitea-issue': { key: 'issue_number', example: '42' },
  shell: { key: 'script', example: '"git fetch -q && git status -sb | grep -q behind"' },
} as const;

function checkPreCheck(agent: AgentEntry, hasGitea: boolean): void {
  const { pre_check: check, gitea_issue: ownIssue } = agent.values;
  if (typeof check !== 'object') {
    return;
  }
  const wanted = PRE_CHECK_KEYS[check.kind];
  const told = wanted === null ? true : (check[wanted.key] ?? (check.kind === 'gitea-issue' ? ownIssue : undefined));
  if (wanted !== null && (told === undefined || told === '' || (Array.isArray(told) && told.length === 0))) {
    const { key, example } = wanted;
    report(agent, ['pre_check', key], `missing; kind = "${check.kind}" needs ${key}, such as ${example}`);
  }
  if (check.kind === 'gitea-issue' && !hasGitea) {
    report(agent, ['pre_check', 'kind'], '"gitea-issue" asks a Gitea: say in [gitea] which one');
  }
  for (const other of ['watch_paths', 'issue_number', 'script'] as const) {
    if (other !== wanted?.key && check[other] !== undefined) {
      reportKey(agent, ['pre_check', other], `means nothing to kind = "${check.kind}"; remove it`);
    }
  }
}

/** What an agent CLI is told besides its task must be there; a program is told nothing. */
function checkTexts(agent: AgentEntry, folders: TextFolders, world: World): void {
  const { persona, skill_chain: skills = [], cli_tool: tool = '' } = agent.values;
  const program = tool.slice(tool.lastIndexOf('/') + 1);
  const isTold = world.drivers.includes(program) && program !== ANY_PROGRAM;
  const names = [
    ...(persona === undefined ? [] : [{ key: ['persona'], name: persona, dir: 'persona_dir' as const }]),
    ...skills.map((name, index) => ({ key: ['skill_chain', index], name, dir: 'skill_dir' as const })),
  ];
  for (const { key, name, dir } of names) {
    const path = [...agent.path, ...key];
    const isPersona = dir === 'persona_dir';
    const folder = isPersona ? folders.personas : folders.skills;
    if (folder === null || !isTold) {
      const why = folder === null ? `without ${dir} in [factory]` : `for ${quote(program)}: only agent CLIs are told`;
      agent.source.warning(path, `has no effect ${why}`);
    } else if ((isPersona ? personaFile(folders, name) : skillFile(folders, name)) === null) {
      const wanted = isPersona ? `${name}.md` : `${name}/SKILL.md nor ${name}.md`;
      agent.source.error(path, `${quote(name)}: there is no ${wanted} in ${folder}`);
    }
  }
}

function checkRetry(agent: AgentEntry): void {
  const { retry } = agent.values;
  if (retry !== undefined && retry.cap < retry.backoff) {
    report(agent, ['retry', 'cap'], 'the longest wait (cap) is shorter than the first (backoff); raise it');
  }
}

function checkWorkspace(agent: AgentEntry): void {
  if (given(agent, 'workspace_base') && agent.values.workspace !== 'worktree' && !isBad(agent, 'workspace')) {
    reportKey(agent, 'workspace_base', 'means nothing without workspace = "worktree"; remove it, or write that');
  }
}

/** Names of this machine among networks. */
const LOOPBACK = /^(127\.|0\.0\.0\.0\/0$|localhost$|any$)/;

function checkMetering(agent: AgentEntry, world: World): void {
  const { metering, cli_tool: tool = '', sandbox, allowed_addresses: allowed = [] } = agent.values;
  const program = tool.slice(tool.lastIndexOf('/') + 1);
  if (metering !== true) {
    return;
  }
  if (!world.drivers.includes(program) || program === ANY_PROGRAM) {
    reportKey(agent, 'metering', `means nothing to ${quote(program)}: only agent CLIs are metered; remove it`);
  }
  if (sandbox === 'strict' && allowed.length > 0 && !allowed.some((address) => LOOPBACK.test(address))) {
    report(agent, 'allowed_addresses', 'metering listens on 127.0.0.1: add "127.0.0.1/32", or remove metering');
  }
}

function given(agent: AgentEntry, key: string): boolean {
  return agent.source.has([...agent.path, key]);
}

function isBad(agent: AgentEntry, key: string): boolean {
  return agent.source.isBad([...agent.path, key]);
}

type Key = string | readonly string[];

/** Reports at the value of `key`, or at the agent's header where it has none. */
function report(agent: AgentEntry, key: Key, message: string): void {
  agent.source.error([...agent.path, ...(typeof key === 'string' ? [key] : key)], message);
}

/** Reports at the key itself: it should not be there. */
function reportKey(agent: AgentEntry, key: Key, message: string): void {
  agent.source.error([...agent.path, ...(typeof key === 'string' ? [key] : key)], message, 'key');
}
