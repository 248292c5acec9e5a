// Writes the issue of an incident: a title that survives Gitea, and a body on which a tired operator can act.

import { formatDuration } from '../../lib/duration.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { formatUtc, formatUtcTime } from '../../lib/utc.ts';
import { redact } from '../redact.ts';
import type { Incident, IncidentRun } from './incident.ts';
import { failureName, failureReason } from './outcome-text.ts';
import { codeSpan, cutColumns, fence, inert, tableCell, TITLE_MAX_COLUMNS } from './untrusted-text.ts';

/** Rows of evidence shown; the newest. */
export const MAX_RUNS_SHOWN = 10;
/** Bytes of the log's end shown, fence included. */
export const MAX_TAIL_BYTES = 16_000;
/** Columns of a run's reason shown in its row. */
const MAX_REASON_COLUMNS = 160;
/** Digits of the configuration's hash shown; `adf status --json` has all of them. */
const HASH_SHOWN = 12;
/** Columns of an agent's name in a title, so that what follows it is never lost. */
const MAX_NAME_COLUMNS = 80;

/** Ends the one line of the body that we rewrite; everything else belongs to people once the issue is open. */
const STATE_MARK = '<!-- adf:state -->';

/** The title: one line, inert, short enough for Gitea. `[ADF] project sandbox paused: agent_failure ×3 (project-meta)`. */
export function issueTitle(incident: Incident): string {
  return cutColumns(inert(titleOf(incident)), TITLE_MAX_COLUMNS);
}

/** The body without its marker (the tracker appends it). `secrets` are the values to take out of logs and reasons. */
export function issueBody(incident: Incident, secrets: readonly string[]): string {
  const previous =
    incident.previousIssue === null ? '' : `The incident before this one is #${incident.previousIssue}. `;
  return [
    stateLine(stateText(incident)),
    whatToDo(incident),
    runTable(incident.runs, secrets),
    logTail(incident, secrets),
    moreToSee(incident),
    `${previous}${ending(incident)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The state line of an issue whose incident goes on: what is held, and since when. */
export function stateText(incident: Incident): string {
  const { condition } = incident;
  const since = `since ${formatUtc(incident.since)} UTC`;
  switch (condition.kind) {
    case 'project_paused':
      return `Dispatch of ${codeSpan(condition.project)} is paused ${since}. Other projects go on.`;
    case 'flag_unwritable':
      return `Dispatch of ${codeSpan(condition.project)} is held by its open breaker ${since}, but the pause flag that should show it cannot be written: ${codeSpan(condition.error)}. Other projects go on.`;
    case 'agent_quarantined':
      return `Agent ${codeSpan(incident.agent)} is held ${since}${condition.until === null ? '' : `, until ${formatUtc(condition.until)} UTC at the latest`}. Other agents${condition.project === null ? '' : ` of ${codeSpan(condition.project)}`} go on.`;
    case 'agent_not_succeeding':
      return `Agent ${codeSpan(incident.agent)} has not succeeded ${since}, for a reason that is not its own. Nothing is paused.`;
    default:
      return unreachable(condition);
  }
}

/** `body` with its state line saying `state` instead; unchanged where a person has removed that line. */
export function withState(body: string, state: string): string {
  const lines = body.split('\n');
  const at = lines.findIndex((line) => line.trimEnd().endsWith(STATE_MARK));
  return at === -1 ? body : lines.with(at, stateLine(state)).join('\n');
}

/** The table of `runs`, newest last, `MAX_RUNS_SHOWN` at most; empty without runs. */
export function runTable(runs: readonly IncidentRun[], secrets: readonly string[]): string {
  if (runs.length === 0) {
    return '';
  }
  const rows = runs.slice(-MAX_RUNS_SHOWN).map((run) => `| ${runCells(run, secrets).map(tableCell).join(' | ')} |`);
  return ['| run | agent | ended (UTC) | how | took |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** How to lift the pause of `project`, in commands to copy. */
export function howToResume(project: string, flagPath: string, host: string): string {
  return `**To resume**: ${codeSpan(`rm ${shellWord(flagPath)}`)} on ${codeSpan(host)}, or ${codeSpan(`adf resume ${shellWord(project)}`)}.`;
}

function titleOf(incident: Incident): string {
  const { condition } = incident;
  const agent = cutColumns(incident.agent, MAX_NAME_COLUMNS);
  const name = cutColumns(nameOf(incident.agent), MAX_NAME_COLUMNS);
  const times = `${failureName(incident.outcome)} ×${incident.count}`;
  switch (condition.kind) {
    case 'project_paused':
      return `[ADF] project ${condition.project} paused: ${condition.byHand ?? `${times} (${name})`}`;
    case 'flag_unwritable':
      return `[ADF] project ${condition.project} is stopped, but its pause flag cannot be written: ${times} (${name})`;
    case 'agent_quarantined':
      return `[ADF] agent ${agent} quarantined: ${times}${inProject(condition.project)}`;
    case 'agent_not_succeeding':
      return `[ADF] agent ${agent} does not succeed: ${times}${inProject(condition.project)}`;
    default:
      return unreachable(condition);
  }
}

/** What a person can do about it, in commands to copy. */
export function whatToDo(incident: Incident): string {
  const { condition } = incident;
  switch (condition.kind) {
    case 'project_paused':
      return howToResume(condition.project, condition.flagPath, incident.host);
    case 'flag_unwritable':
      return `**To do**: make ${codeSpan(condition.flagPath)} on ${codeSpan(incident.host)} writable for the factory. It is tried again by itself. ${howToResume(condition.project, condition.flagPath, incident.host)}`;
    case 'agent_quarantined':
      return `**To release it**: ${codeSpan(`adf release ${shellWord(incident.agent)}`)} on ${codeSpan(incident.host)}.`;
    case 'agent_not_succeeding':
      return `**To do**: put right what the table names (${codeSpan(failureName(incident.outcome))}); ${codeSpan('adf doctor')} on ${codeSpan(incident.host)} checks logins and limits.`;
    default:
      return unreachable(condition);
  }
}

function moreToSee(incident: Incident): string {
  const { condition } = incident;
  const commands = [`adf why ${shellWord(incident.agent)}`];
  if (condition.kind === 'project_paused' || condition.kind === 'flag_unwritable') {
    commands.push(`adf breaker show ${shellWord(condition.project)}`);
  }
  return `More: ${commands.map(codeSpan).join(' · ')} · configuration ${codeSpan(incident.configHash.slice(0, HASH_SHOWN))}`;
}

function ending(incident: Incident): string {
  return incident.condition.kind === 'agent_quarantined'
    ? 'This issue closes itself when the agent is released and succeeds.'
    : 'This issue is kept up to date and closes itself with the next success.';
}

function logTail(incident: Incident, secrets: readonly string[]): string {
  const { tail } = incident;
  if (tail === null || tail.text.trim() === '') {
    return '';
  }
  const show = codeSpan(`adf show ${tail.run}`);
  return `The last lines of the log (${show} for the rest):\n\n${fence(redact(tail.text, secrets), MAX_TAIL_BYTES)}`;
}

function runCells(run: IncidentRun, secrets: readonly string[]): readonly string[] {
  const reason = redact(failureReason(run.outcome), secrets);
  const parts = [run.exit ?? '', failureName(run.outcome), reason].filter((part) => part !== '');
  const how = [...new Set(parts)].join(', ');
  return [
    codeSpan(run.run),
    codeSpan(run.agent),
    formatUtcTime(run.endedAt),
    codeSpan(cutColumns(how, MAX_REASON_COLUMNS)),
    formatDuration(run.tookMs),
  ];
}

function stateLine(text: string): string {
  return `${text} ${STATE_MARK}`;
}

function inProject(project: string | null): string {
  return project === null ? '' : ` (project ${project})`;
}

/** An agent's key without its project, for titles that name the project already. */
function nameOf(agent: string): string {
  return agent.slice(agent.lastIndexOf('/') + 1);
}

/** `text` as one word for a POSIX shell. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
