// Draws agents: what each did last, when it runs next, and what holds it.

import type { AgentView } from '../../http/contract.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import type { Cell } from './table.ts';
import type { Times } from './times.ts';
import { activityText, outcomeWord, reasonText, reasonsText, withCommand } from './words.ts';

/** The table of `adf agents`. */
export function renderAgents(agents: readonly AgentView[], look: Look): readonly string[] {
  if (agents.length === 0) {
    return ['no agents; add [[agents]] to agents.toml, then: adf reload'];
  }
  const names = shortNames(agents);
  const rows = agents.map((agent) => [
    agent.key,
    agent.layer,
    agent.cliTool,
    agent.schedule ?? '',
    lastText(agent, look.times),
    nextText(agent, look.times),
    count(agent.failures1h),
    count(agent.restarts24h),
    stateCell(agent, { times: look.times, name: names(agent) }),
  ]);
  const header = ['AGENT', 'LAYER', 'CLI', 'SCHEDULE', 'LAST', 'NEXT', 'FAILED 1 H', 'RESTARTS 24 H', 'STATE'];
  return table(header, rows, look);
}

/** The lower table of `adf status`. */
export function renderAgentStates(agents: readonly AgentView[], look: Look): readonly string[] {
  const names = shortNames(agents);
  const rows = agents.map((agent) => {
    const name = names(agent);
    return [
      name,
      lastText(agent, look.times),
      nextText(agent, look.times),
      stateCell(agent, { times: look.times, name }),
    ];
  });
  return table(['AGENT', 'LAST', 'NEXT', 'STATE'], rows, look);
}

/** The name alone where no other agent has it, as every command takes it; else `project/name`. */
function shortNames(agents: readonly AgentView[]): (agent: AgentView) => string {
  const seen = new Map<string, number>();
  for (const agent of agents) {
    seen.set(agent.name, (seen.get(agent.name) ?? 0) + 1);
  }
  return (agent) => (seen.get(agent.name) === 1 ? agent.name : agent.key);
}

function lastText(agent: AgentView, times: Times): string {
  const last = agent.last;
  if (last === null) {
    return '';
  }
  if (last.outcome === null) {
    return last.startedAt === null ? '' : `up ${formatDuration(Math.max(0, times.now - last.startedAt))}`;
  }
  const at = times.short(last.endedAt ?? last.requestedAt);
  if (last.outcome.kind !== 'succeeded') {
    return `${outcomeWord(last.outcome.kind)} ${at}`;
  }
  const took =
    last.startedAt === null || last.endedAt === null ? '' : ` (${formatDuration(last.endedAt - last.startedAt)})`;
  return `ok ${at}${took}`;
}

function nextText(agent: AgentView, times: Times): string {
  return agent.nextAt === null || agent.held.length > 0 ? '' : times.time(agent.nextAt);
}

function stateCell(agent: AgentView, shown: { readonly times: Times; readonly name: string }): Cell {
  const { times, name } = shown;
  const [waiting] = agent.waiting;
  const [held] = agent.held;
  if (agent.running.length > 0) {
    const safety = agent.layer === 'Safety' ? ' (Safety)' : '';
    const doing = agent.activity === undefined ? '' : `: ${activityText(agent.activity)}`;
    const isWell = agent.activity?.state !== 'parked' && agent.activity?.state !== 'dead';
    return { text: `running ${agent.running.join(', ')}${safety}${doing}`, tone: isWell ? 'good' : 'care' };
  }
  if (waiting !== undefined) {
    const why = withCommand(reasonsText(waiting.reasons, times), `adf why ${name}`);
    return { text: `waiting ${waiting.run}: ${why}`, tone: 'care' };
  }
  if (!agent.enabled) {
    return { text: 'disabled', tone: 'faint' };
  }
  if (held !== undefined) {
    return { text: withCommand(heldText(held, times), `adf why ${name}`), tone: 'bad' };
  }
  return { text: agent.nextAt === null ? 'on demand' : 'scheduled', tone: 'plain' };
}

/** A pause is one word for the eye; everything else says its code and its numbers. */
function heldText(held: AgentView['held'][number], times: Times): string {
  const since = held.numbers['since'];
  return held.code === 'project.paused' && since !== undefined
    ? `paused since ${times.time(since)}`
    : reasonText(held, times);
}

function count(value: number): string {
  return value === 0 ? '' : String(value);
}
