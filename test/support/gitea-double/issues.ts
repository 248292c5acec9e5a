// The double's issues: list with its odd filters, create, read, edit, delete, lock, and the search that may never learn.

import {
  decode,
  notFound,
  pageOf,
  Refusal,
  refusal,
  required,
  signedIn,
  type Exchange,
  type Reply,
} from './exchange.ts';
import { issueShape } from './shapes.ts';
import { mayRead, mayWrite, type Issue, type Label, type User } from './world.ts';

/** GET …/issues */
export function listIssues(exchange: Exchange): Reply {
  const { repository, query, view } = exchange;
  if (!repository.hasIssues) {
    if (query.get('type') === 'issues') {
      throw notFound(view);
    }
    return { status: 200, headers: { 'x-total-count': '0' }, body: [] };
  }
  const kept = [...repository.issues]
    .sort((a, b) => b.createdAt - a.createdAt || b.number - a.number)
    .filter((issue) => isAsked(exchange, issue) && carriesLabels(exchange, issue));
  const { items, headers } = pageOf(exchange, kept, true);
  return { status: 200, headers, body: items.map((issue) => issueShape(view, issue as Issue)) };
}

/** POST …/issues */
export function createIssue(exchange: Exchange): Reply {
  const { repository, view, world } = exchange;
  const user = signedIn(exchange);
  const sent = decode(exchange, 'CreateIssueOption', {
    title: 'string',
    body: 'string',
    labels: '[]int64',
    assignees: '[]string',
    closed: 'bool',
    due_date: 'string',
  });
  const title = required(exchange, sent['title'], 'Title');
  refuseArchived(exchange);
  const writes = mayWrite(repository, user);
  const labels = writes ? labelsById(exchange, (sent['labels'] ?? []) as number[]) : [];
  const assignees = writes ? assigneesFor(exchange, (sent['assignees'] ?? []) as string[]) : [];
  const issue = world.addIssue(repository, user, {
    title: cutTitle(title.trim()),
    body: (sent['body'] ?? '') as string,
    labels: withoutRivals(labels),
    assignees,
    closed: sent['closed'] === true,
    ...(typeof sent['due_date'] === 'string' ? { dueDate: sent['due_date'] } : {}),
  });
  return { status: 201, body: issueShape(view, issue) };
}

/** GET …/issues/{index} */
export function getIssue(exchange: Exchange): Reply {
  return { status: 200, body: issueShape(exchange.view, issueOf(exchange)) };
}

/** PATCH …/issues/{index}: not refused in an archived repository, nor where issues are switched off (measured). */
export function editIssue(exchange: Exchange): Reply {
  const { view, world } = exchange;
  const user = signedIn(exchange);
  const sent = decode(exchange, 'EditIssueOption', {
    title: 'string',
    body: 'string',
    state: 'string',
    assignees: '[]string',
    content_version: 'int64',
  });
  const issue = anyIssue(exchange);
  if (!mayWrite(issue.repository, user) && issue.user !== user) {
    throw new Refusal({ status: 403 });
  }
  const { title, body, state, assignees, content_version: version } = sent;
  if (version !== undefined && version !== issue.contentVersion) {
    throw refusal(view, 409, 'the issue is already changed');
  }
  if (state !== undefined && state !== 'open' && state !== 'closed') {
    throw refusal(view, 412, `unknown state: ${state as string}`);
  }
  if (assignees !== undefined) {
    issue.assignees = knownUsers(exchange, assignees as string[], () => refusal(view, 500, ''));
  }
  if (typeof title === 'string' && title !== '') {
    issue.title = cutTitle(title.trim());
  }
  if (typeof body === 'string') {
    issue.body = body;
    issue.contentVersion += 1;
  }
  if (state !== undefined) {
    world.setState(issue, user, state);
  }
  issue.updatedAt = world.now();
  index(issue, world.comments(issue));
  return { status: 201, body: issueShape(view, issue) };
}

/** DELETE …/issues/{index} */
export function deleteIssue(exchange: Exchange): Reply {
  const { repository, view } = exchange;
  const user = signedIn(exchange);
  const issue = issueOf(exchange);
  if (!mayWrite(repository, user)) {
    throw refusal(view, 403, 'user should be an owner or a collaborator with admin write of a repository');
  }
  repository.issues.splice(repository.issues.indexOf(issue), 1);
  return { status: 204 };
}

/** PUT and DELETE …/issues/{index}/lock */
export function lockIssue(exchange: Exchange): Reply {
  const issue = issueOf(exchange);
  issue.isLocked = exchange.method === 'PUT';
  exchange.world.addEntry(issue, signedIn(exchange), { type: issue.isLocked ? 'lock' : 'unlock', body: '' });
  return { status: 204 };
}

/** The issue of the path, as reads see it: 404 also where issues are switched off. */
export function issueOf(exchange: Exchange): Issue {
  if (!exchange.repository.hasIssues) {
    throw notFound(exchange.view);
  }
  return anyIssue(exchange);
}

/** Tells the search index; a create that nobody waited for never gets here. */
export function index(issue: Issue, comments: readonly { readonly body: string }[]): void {
  issue.indexed = [issue.title, issue.body, ...comments.map((comment) => comment.body)].join('\n').toLowerCase();
}

/** 423 for what an archived repository refuses. */
export function refuseArchived(exchange: Exchange): void {
  if (exchange.repository.archived) {
    throw refusal(exchange.view, 423, 'repo is archived');
  }
}

/** Adding a label with `exclusive` pushes its rival of the same scope off. */
export function withoutRivals(labels: readonly Label[]): Label[] {
  const scope = (label: Label): string | null =>
    label.exclusive && label.name.includes('/') ? label.name.slice(0, label.name.lastIndexOf('/')) : null;
  return labels.filter(
    (label, at) => scope(label) === null || !labels.slice(at + 1).some((later) => scope(later) === scope(label)),
  );
}

/** The labels of these ids; ids of other repositories and of nothing are dropped without a word. */
export function labelsById(exchange: Exchange, ids: readonly number[]): Label[] {
  return exchange.repository.labels.filter((label) => ids.includes(label.id));
}

/** The instant of a query parameter, null where it is not sent. */
export function instantAsked(exchange: Exchange, name: string): number | null {
  const text = exchange.query.get(name);
  if (text === null || text === '') {
    return null;
  }
  const at = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(at)) {
    const parse = `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00"`;
    throw refusal(exchange.view, 422, `${parse}: cannot parse ${JSON.stringify(text)} as "2006"`);
  }
  return Math.floor(at / 1000) * 1000;
}

function anyIssue(exchange: Exchange): Issue {
  const [, , number] = exchange.params;
  const issue = exchange.repository.issues.find((one) => String(one.number) === number);
  if (issue === undefined) {
    throw notFound(exchange.view);
  }
  return issue;
}

function isAsked(exchange: Exchange, issue: Issue): boolean {
  const { query } = exchange;
  const state = query.get('state');
  const type = query.get('type');
  const since = instantAsked(exchange, 'since');
  const before = instantAsked(exchange, 'before');
  const words = query.get('q');
  return (
    (state === 'all' || issue.state === (state === 'closed' ? 'closed' : 'open')) &&
    (type === 'pulls' ? issue.isPull : type !== 'issues' || !issue.isPull) &&
    (since === null || issue.updatedAt >= since) &&
    (before === null || issue.updatedAt <= before) &&
    (words === null || (issue.indexed ?? '').includes(words.toLowerCase())) &&
    isBy(exchange, issue)
  );
}

function isBy(exchange: Exchange, issue: Issue): boolean {
  const login = exchange.query.get('created_by');
  if (login === null) {
    return true;
  }
  if (!exchange.world.users.some((user) => user.login === login)) {
    throw refusal(exchange.view, 404, `user does not exist [uid: 0, name: ${login}]`);
  }
  return issue.user.login === login;
}

/** Unknown names filter nothing; a name held by two labels asks for both; several names are AND (all measured). */
function carriesLabels(exchange: Exchange, issue: Issue): boolean {
  const names = (exchange.query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const wanted = exchange.repository.labels.filter((label) => names.includes(label.name));
  return wanted.every((label) => issue.labels.includes(label));
}

function assigneesFor(exchange: Exchange, logins: readonly string[]): User[] {
  const { repository, view } = exchange;
  const users = knownUsers(exchange, logins, (login) =>
    refusal(view, 422, `Assignee does not exist: [name: user does not exist [uid: 0, name: ${login}]]`),
  );
  const stranger = users.find((user) => !mayRead(repository, user));
  if (stranger !== undefined) {
    throw refusal(
      view,
      422,
      `user doesn't have access to repo [user_id: ${stranger.id}, repo_name: ${repository.name}]`,
    );
  }
  return users;
}

function knownUsers(exchange: Exchange, logins: readonly string[], unknown: (login: string) => Refusal): User[] {
  return logins.map((login) => {
    const user = exchange.world.users.find((one) => one.login.toLowerCase() === login.toLowerCase());
    if (user === undefined) {
      throw unknown(login);
    }
    return user;
  });
}

/** Over 255 columns the title ends in an ellipsis that counts three; wide scripts count two (measured). */
function cutTitle(title: string): string {
  const width = (text: string): number =>
    Array.from(text).reduce((sum, one) => sum + ((one.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1), 0);
  if (width(title) <= 255) {
    return title;
  }
  let kept = '';
  for (const character of title) {
    if (width(kept + character) > 252) {
      break;
    }
    kept += character;
  }
  return `${kept}…`;
}
