// Draws the state of the factory: what needs a person first, then projects, then agents.

import type { ProjectView, StatusView } from '../../http/contract.ts';
import { renderAgentStates } from './agents.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import type { Tone } from './style.ts';
import { oneLine } from './text.ts';
import { counted } from '../../lib/counted.ts';
import { withCommand } from './words.ts';

/** The lines of `adf status`. */
export function renderStatus(status: StatusView, look: Look): readonly string[] {
  const lines = status.attention.map((need) => look.style('bad', `! ${oneLine(withCommand(need.text, need.command))}`));
  if (lines.length === 0) {
    lines.push(look.style('good', `nothing needs you: ${summary(status)}`));
  } else {
    lines.push(summary(status));
  }
  if (status.projects.length > 0) {
    lines.push('', ...renderProjects(status.projects, look));
  }
  if (status.agents.length > 0) {
    lines.push('', ...renderAgentStates(status.agents, look));
  }
  return lines;
}

function summary(status: StatusView): string {
  const parts = [
    `${counted(status.agents.length, 'agent')} in ${counted(status.projects.length, 'project')}`,
    `${status.live} of ${status.maxConcurrent} running`,
    ...(status.waiting > 0 ? [`${status.waiting} waiting`] : []),
    ...(status.outboxWaiting > 0 ? [`${counted(status.outboxWaiting, 'reaction')} waiting (adf outbox)`] : []),
    ...(status.draining ? ['draining (adf drain --end lets it go on)'] : []),
  ];
  return parts.join(' · ');
}

function renderProjects(projects: readonly ProjectView[], look: Look): readonly string[] {
  const rows = projects.map((project) => [
    project.id,
    { text: project.state, tone: stateTone(project.state) },
    `${project.running}/${project.limit}`,
    lastHour(project),
    [project.why, project.todo === null ? null : `${project.todo} to resume`]
      .filter((part) => part !== null)
      .join(' · '),
  ]);
  return table(['PROJECT', 'STATE', 'RUNNING', 'LAST 1 H', 'WHY'], rows, look);
}

function stateTone(state: ProjectView['state']): Tone {
  if (state === 'open') {
    return 'good';
  }
  return state === 'disabled' ? 'faint' : 'bad';
}

function lastHour(project: ProjectView): string {
  const parts = [
    ...(project.ok1h > 0 ? [`${project.ok1h} ok`] : []),
    ...(project.failed1h > 0 ? [`${project.failed1h} failed`] : []),
  ];
  return parts.join(', ');
}
