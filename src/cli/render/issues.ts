// Draws issues of the local tracker: a list, or one as it stands with its comments.

import { printable } from '../../core/react/untrusted-text.ts';
import type { IssueView } from '../../http/contract.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { oneLine } from './text.ts';

/** Our marks in a body are for programs. */
const HIDDEN = /<!--[\s\S]{0,4096}?-->\n?/g;

/** The table of `adf issues`. */
export function renderIssues(issues: readonly IssueView[], look: Look): readonly string[] {
  if (issues.length === 0) {
    return ['no issues here (with [gitea] in agents.toml they are opened there: adf breakers names them)'];
  }
  const rows = issues.map((issue) => [
    `#${issue.number}`,
    { text: issue.state, tone: issue.state === 'open' ? ('bad' as const) : ('faint' as const) },
    issue.project ?? '',
    look.times.time(issue.createdAt),
    issue.title,
  ]);
  return [...table(['ISSUE', 'STATE', 'PROJECT', 'OPENED', 'TITLE'], rows, look), 'one of them: adf issues show N'];
}

/** The lines of `adf issues show`. */
export function renderIssue(issue: IssueView, look: Look): readonly string[] {
  const labels = issue.labels.length === 0 ? '' : ` · ${oneLine(issue.labels.join(', '))}`;
  const comments = issue.comments.flatMap((comment) => [
    '',
    look.style('faint', `– ${look.times.time(comment.createdAt)} –`),
    ...textLines(comment.body),
  ]);
  return [
    look.style('strong', `#${issue.number}  ${oneLine(issue.title)}`),
    `${issue.state} · opened ${look.times.time(issue.createdAt)}${labels}`,
    '',
    ...textLines(issue.body),
    ...comments,
  ];
}

function textLines(text: string): readonly string[] {
  return printable(text.replace(HIDDEN, '')).trim().split('\n');
}
