// Writes what is said on an issue while its incident goes on, and when it ends.

import { formatUtc } from '../../lib/utc.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { redact } from '../redact.ts';
import { howToResume, runTable, stateText, whatToDo } from './issue-text.ts';
import type { Incident } from './incident.ts';
import { failureName } from './outcome-text.ts';
import { codeSpan, fence } from './untrusted-text.ts';

/** Gitea takes more; people do not. */
export const MAX_COMMENT_BYTES = 60_000;

/** Everything that is said on the issue of a paused project after it was opened. All instants are epoch ms. */
export type Note =
  | { readonly kind: 'tripped_again'; readonly at: number; readonly incident: Incident }
  | { readonly kind: 'succeeded_while_open'; readonly at: number; readonly run: string; readonly incident: Incident }
  | { readonly kind: 'closed_by_person'; readonly at: number; readonly incident: Incident }
  | { readonly kind: 'lifted'; readonly at: number; readonly by: string; readonly agent: string | null }
  | { readonly kind: 'ended'; readonly at: number; readonly how: Ending };

/** Why an incident is over. */
export type Ending =
  | { readonly kind: 'succeeded'; readonly run: string; readonly agent: string }
  | { readonly kind: 'nothing_counts' }
  | { readonly kind: 'reset'; readonly by: string; readonly reason: string }
  | { readonly kind: 'recovered'; readonly run: string; readonly agent: string }
  | { readonly kind: 'released'; readonly by: string }
  | { readonly kind: 'over'; readonly why: string };

/** The text of `note`, without its marker (the tracker appends it). */
export function noteText(note: Note, secrets: readonly string[]): string {
  const at = `${formatUtc(note.at)} UTC`;
  switch (note.kind) {
    case 'tripped_again':
      return trippedAgain(note.incident, at, secrets);
    case 'succeeded_while_open':
      return `Run ${codeSpan(note.run)} succeeded at ${at}; it had begun before the pause. The failure count starts again, the pause stays.${resume(note.incident)}`;
    case 'closed_by_person':
      return `This issue was closed by hand, seen at ${at}. That alone changes nothing: the condition still holds.${resume(note.incident)}`;
    case 'lifted':
      return `The pause was lifted at ${at} (${codeSpan(note.by)}). The next counted run decides${note.agent === null ? '' : `: ${codeSpan(note.agent)}`}. A failure pauses again at once, a success closes this issue.`;
    case 'ended':
      return ended(note.how, at);
    default:
      return unreachable(note);
  }
}

/** What the state line of the issue says after `note`; null: what it said before. */
export function stateAfter(note: Note): string | null {
  switch (note.kind) {
    case 'tripped_again':
      return stateText(note.incident);
    case 'succeeded_while_open':
    case 'closed_by_person':
      return null;
    case 'lifted':
    case 'ended':
      return noteText(note, []);
    default:
      return unreachable(note);
  }
}

/** What a run brought, for the issue named by `gitea_issue`: at most `MAX_COMMENT_BYTES`, marker not included. */
export function resultText(
  result: {
    readonly run: string;
    readonly agent: string;
    readonly state: string;
    readonly at: number;
    readonly output: string;
  },
  secrets: readonly string[],
): string {
  const head = `${codeSpan(result.agent)} · run ${codeSpan(result.run)} · ${codeSpan(result.state)} · ${formatUtc(result.at)} UTC`;
  const output = redact(result.output, secrets);
  return output.trim() === '' ? `${head}\n\nNo output.` : `${head}\n\n${fence(output, OUTPUT_BYTES)}`;
}

/** Room for the head line and the marker. */
const OUTPUT_BYTES = MAX_COMMENT_BYTES - 2_000;

function trippedAgain(incident: Incident, at: string, secrets: readonly string[]): string {
  const { condition } = incident;
  if (condition.kind === 'flag_unwritable') {
    return `The pause flag cannot be written again, seen at ${at}: ${codeSpan(redact(condition.error, secrets))}.${resume(incident)}`;
  }
  const first = `It failed again at ${at}: ${codeSpan(failureName(incident.outcome))} ×${incident.count} (${codeSpan(incident.agent)}). ${condition.kind === 'agent_quarantined' ? 'It is held again.' : 'The pause is back.'}`;
  return [`${first}${resume(incident)}`, runTable(incident.runs, secrets)].filter((part) => part !== '').join('\n\n');
}

function resume(incident: Incident): string {
  switch (incident.condition.kind) {
    case 'project_paused':
    case 'flag_unwritable':
      return `\n\n${howToResume(incident.condition.project, incident.condition.flagPath, incident.host)}`;
    case 'agent_quarantined':
      return `\n\n${whatToDo(incident)}`;
    case 'agent_not_succeeding':
      return '';
  }
}

function ended(how: Ending, at: string): string {
  switch (how.kind) {
    case 'succeeded':
      return `Run ${codeSpan(how.run)} of ${codeSpan(how.agent)} succeeded at ${at}. The breaker is closed, dispatch goes on.`;
    case 'nothing_counts':
      return `Closed at ${at}: no agent is left whose failures count for this project (nothing_counts). Dispatch goes on.`;
    case 'reset':
      return `Reset at ${at} by ${codeSpan(how.by)}${how.reason === '' ? '' : ` (${codeSpan(how.reason)})`}. The breaker is closed, dispatch goes on.`;
    case 'recovered':
      return `Run ${codeSpan(how.run)} of ${codeSpan(how.agent)} succeeded at ${at}. This is over.`;
    case 'over':
      return `Over since ${at}: ${codeSpan(how.why)}.`;
    case 'released':
      return `Released at ${at} by ${codeSpan(how.by)}.`;
    default:
      return unreachable(how);
  }
}
