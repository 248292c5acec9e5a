// Draws the frame around a factory in the foreground: its first lines, the hint for a newcomer, its last line.

import type { StartedView } from '../local.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Look } from './look.ts';
import { oneLine } from './text.ts';
import { counted } from '../../lib/counted.ts';

/** Coming slots named in the second line. */
const SHOWN_SLOTS = 3;

/** `dark-factory 0.1.0 · 5 agents in 2 projects · …`, warnings, and what comes next. */
export function startedLines(view: StartedView, look: Look): readonly string[] {
  const limits =
    view.limits.memory === 'kernel' ? 'limits: by the kernel' : `limits: ${view.limits.memory} (adf doctor)`;
  const head = [
    `${view.name} ${view.version}`,
    `${counted(view.agents.length, 'agent')} in ${counted(view.projects.length, 'project')}`,
    `state ${view.stateDir}`,
    limits,
    ...(view.held > 0 ? [`${counted(view.held, 'run')} taken over`] : []),
  ];
  const warnings = view.warnings.map((warning) =>
    look.style('care', oneLine(`warning: ${warning.file}:${warning.line} ${warning.key}: ${warning.message}`)),
  );
  const next = view.next
    .slice(0, SHOWN_SLOTS)
    .map((slot) => `${look.times.time(slot.at)} ${shortName(view, slot.agent)}`);
  return [
    look.style('strong', oneLine(head.join(' · '))),
    ...warnings,
    `next  ${next.length === 0 ? 'nothing is scheduled; run an agent: adf run NAME' : oneLine(next.join(' · '))}`,
  ];
}

/** What a newcomer may type in another terminal. */
export function hintLine(view: StartedView, given: { readonly at: number; readonly look: Look }): string {
  const [agent] = view.agents;
  const project = view.projects.at(-1);
  const commands = [
    'adf status',
    ...(agent === undefined ? [] : [`adf why ${agent.name}`]),
    ...(project === undefined ? [] : [`touch ${view.pauseDir}/${project}`]),
  ];
  const hint = oneLine(`in another terminal: ${commands.join(' · ')}`);
  return given.look.style('faint', `${given.look.times.time(given.at)}  ${hint}`);
}

/** `draining 1 run (15 s; Ctrl-C again to stop at once)` */
export function drainingLine(view: { readonly live: number; readonly graceMs: number }): string {
  return view.live === 0
    ? 'stopping: nothing runs'
    : `draining ${counted(view.live, 'run')} (${formatDuration(view.graceMs)}; Ctrl-C again to stop at once)`;
}

/** `stopped · 6 runs recorded · nothing left running` */
export function stoppedLine(view: { readonly recorded: number; readonly left: number }, look: Look): string {
  const left =
    view.left === 0
      ? 'nothing left running'
      : look.style('care', `${counted(view.left, 'run')} left running, taken over by the next start`);
  return `stopped · ${counted(view.recorded, 'run')} recorded · ${left}`;
}

function shortName(view: StartedView, key: string): string {
  return view.agents.find((agent) => agent.key === key)?.name ?? key;
}
