// How the double writes what it knows as JSON: the fields, nulls and zero times of Gitea 1.27.3 as recorded.

import { createHash } from 'node:crypto';
import {
  fullName,
  mayWrite,
  type Entry,
  type Issue,
  type Label,
  type Repository,
  type User,
  type World,
} from './world.ts';

/** What shapes depend on: the address in the request, and who looks. */
export interface View {
  readonly world: World;
  readonly origin: string;
  readonly viewer: User | null;
}

type Json = Record<string, unknown>;

const ZERO_TIME = '0001-01-01T00:00:00Z';
const EPOCH = '1970-01-01T00:00:00Z';

/** `2026-11-21T10:33:42Z`. */
export function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** `own`: the viewer's own account in full; `named`: the true address, but nothing else; `other`: not even that. */
export function userShape(view: View, user: User, how: 'own' | 'named' | 'other'): Json {
  const email = `${user.login}@example.invalid`;
  return {
    id: user.id,
    login: user.login,
    login_name: '',
    source_id: 0,
    full_name: '',
    email: how === 'other' ? `${user.id}+${user.login}@noreply.${new URL(view.origin).hostname}` : email,
    avatar_url: `${view.origin}/avatars/${createHash('md5').update(email).digest('hex')}`,
    html_url: `${view.origin}/${user.login}`,
    language: '',
    is_admin: false,
    last_login: how === 'own' ? EPOCH : ZERO_TIME,
    created: instant(user.createdAt),
    restricted: false,
    active: how === 'own',
    prohibit_login: false,
    location: '',
    website: '',
    description: '',
    visibility: 'public',
    followers_count: 0,
    following_count: 0,
    starred_repos_count: 0,
    username: user.login,
  };
}

/** A label of a repository. */
export function labelShape(view: View, repository: Repository, label: Label): Json {
  return {
    id: label.id,
    name: label.name,
    exclusive: label.exclusive,
    is_archived: false,
    color: label.color,
    description: label.description,
    url: `${view.origin}/api/v1/repos/${fullName(repository)}/labels/${label.id}`,
  };
}

/** Labels by name in byte order, as every list of them comes. */
export function labelShapes(view: View, repository: Repository, labels: readonly Label[]): Json[] {
  return [...labels]
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) || a.id - b.id)
    .map((label) => labelShape(view, repository, label));
}

/** An issue; null where a real server sends null though its description says otherwise. */
export function issueShape(view: View, issue: Issue): Json {
  const { repository } = issue;
  const html = `${view.origin}/${fullName(repository)}/${issue.isPull ? 'pulls' : 'issues'}/${issue.number}`;
  const assignees = issue.assignees.map((user) => userShape(view, user, 'other'));
  return {
    id: issue.id,
    url: `${view.origin}/api/v1/repos/${fullName(repository)}/issues/${issue.number}`,
    html_url: html,
    number: issue.number,
    user: userShape(view, issue.user, issue.user === view.viewer ? 'own' : 'named'),
    original_author: '',
    original_author_id: 0,
    title: issue.title,
    body: issue.body,
    ref: '',
    assets: [],
    labels: labelShapes(view, repository, issue.labels),
    milestone: null,
    projects: null,
    assignee: assignees[0] ?? null,
    assignees: assignees.length === 0 ? null : assignees,
    state: issue.state,
    is_locked: issue.isLocked,
    comments: view.world.comments(issue).length,
    created_at: instant(issue.createdAt),
    updated_at: instant(issue.updatedAt),
    closed_at: issue.closedAt === null ? null : instant(issue.closedAt),
    due_date: issue.dueDate,
    time_estimate: 0,
    pull_request: issue.isPull ? { merged: false, merged_at: null, draft: false, html_url: html } : null,
    repository: {
      id: repository.id,
      name: repository.name,
      owner: repository.owner.login,
      full_name: fullName(repository),
    },
    pin_order: 0,
    content_version: issue.contentVersion,
  };
}

/** A comment. Its `issue_url` is the web address. */
export function commentShape(view: View, entry: Entry): Json {
  const issueUrl = `${view.origin}/${fullName(entry.issue.repository)}/issues/${entry.issue.number}`;
  return {
    id: entry.id,
    html_url: `${issueUrl}#issuecomment-${entry.id}`,
    pull_request_url: '',
    issue_url: issueUrl,
    user: userShape(view, entry.user, 'other'),
    original_author: '',
    original_author_id: 0,
    body: entry.body,
    assets: [],
    created_at: instant(entry.createdAt),
    updated_at: instant(entry.updatedAt),
  };
}

/** A comment or event in the timeline. */
export function timelineShape(view: View, entry: Entry): Json {
  const { id, html_url, pull_request_url, issue_url, user, body, created_at, updated_at } = commentShape(view, entry);
  const label =
    entry.type === 'label' ? entry.issue.repository.labels.find((one) => String(one.id) === entry.body) : null;
  return {
    id,
    type: entry.type,
    html_url,
    pull_request_url,
    issue_url,
    user,
    body: entry.type === 'label' ? '1' : body,
    created_at,
    updated_at,
    old_project_id: 0,
    project_id: 0,
    old_milestone: null,
    milestone: null,
    tracked_time: null,
    old_title: '',
    new_title: '',
    old_ref: '',
    new_ref: '',
    ref_issue: null,
    ref_comment: null,
    ref_action: 'none',
    ref_commit_sha: '',
    review_id: 0,
    label: label === null || label === undefined ? null : labelShape(view, entry.issue.repository, label),
    assignee: null,
    assignee_team: null,
    removed_assignee: false,
    resolve_doer: null,
    dependent_issue: null,
  };
}

/** A repository, without the settings that have no bearing on issues. */
export function repositoryShape(view: View, repository: Repository): Json {
  const { viewer, origin } = view;
  const full = fullName(repository);
  const writes = mayWrite(repository, viewer);
  return {
    id: repository.id,
    owner: userShape(view, repository.owner, 'named'),
    name: repository.name,
    full_name: full,
    description: repository.description,
    private: repository.isPrivate,
    html_url: `${origin}/${full}`,
    url: `${origin}/api/v1/repos/${full}`,
    open_issues_count: repository.issues.filter((issue) => issue.state === 'open' && !issue.isPull).length,
    default_branch: 'main',
    archived: repository.archived,
    created_at: instant(repository.createdAt),
    updated_at: instant(repository.createdAt),
    archived_at: EPOCH,
    permissions: { admin: writes, push: writes, pull: true },
    has_code: true,
    has_issues: repository.hasIssues,
    has_pull_requests: true,
  };
}
