// A plain page of everything that the double knows, so that a person can watch issues come and go.

import type { Reply } from './exchange.ts';
import { instant } from './shapes.ts';
import { fullName, type Issue, type World } from './world.ts';

/** `/` lists all issues; `/{owner}/{repo}/issues/{n}` shows one with its comments. */
export function issuePage(world: World, url: string): Reply {
  const [, full, number] = /^\/([^/]+\/[^/]+)\/issues\/(\d+)/.exec(url.split('?')[0] ?? '') ?? [];
  const issues = world.repositories.flatMap((repository) => repository.issues);
  if (full === undefined) {
    return html('Issues', issues.length === 0 ? '<p>No issues yet.</p>' : `<table>${issues.map(row).join('')}</table>`);
  }
  const issue = issues.find((one) => fullName(one.repository) === full && String(one.number) === number);
  return issue === undefined ? { ...html('Not here', ''), status: 404 } : html(issue.title, whole(world, issue));
}

function row(issue: Issue): string {
  const link = `/${fullName(issue.repository)}/issues/${issue.number}`;
  const labels = issue.labels.map((label) => label.name).join(', ');
  const cells = [
    fullName(issue.repository),
    `#${issue.number}`,
    issue.state,
    issue.title,
    labels,
    instant(issue.updatedAt),
  ];
  return `<tr>${cells.map((cell) => `<td><a href="${escape(link)}">${escape(cell)}</a></td>`).join('')}</tr>`;
}

function whole(world: World, issue: Issue): string {
  const notes = world
    .comments(issue)
    .map((entry) => part(`${entry.user.login}, ${instant(entry.createdAt)}`, entry.body));
  return [`<p>${issue.state}</p>`, part(`${issue.user.login}, ${instant(issue.createdAt)}`, issue.body), ...notes].join(
    '',
  );
}

function part(who: string, text: string): string {
  return `<section><h2>${escape(who)}</h2><pre>${escape(text)}</pre></section>`;
}

function html(title: string, content: string): Reply {
  const style =
    'body{font-family:sans-serif;margin:2em}td{padding:.2em 1em}pre{white-space:pre-wrap;background:#eee;padding:1em}';
  const body = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>${escape(title)}</title><style>${style}</style><p><a href="/">all issues</a></p><h1>${escape(title)}</h1>${content}`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
