// Which request of the double goes to which handler, and which scope its token needs.

import * as comments from './comments.ts';
import type { Exchange, Reply } from './exchange.ts';
import * as issues from './issues.ts';
import * as labels from './labels.ts';
import * as repositories from './repositories.ts';

/** One documented path with its methods. */
export interface Route {
  /** As in openapi3.json. */
  readonly template: string;
  /** Categories of the scopes, all of them needed. */
  readonly scopes: readonly ('issue' | 'repository' | 'user')[];
  readonly methods: Readonly<Record<string, (exchange: Exchange) => Reply>>;
}

const REPO = '/repos/{owner}/{repo}';

/** Fixed parts stand before variable ones: `issues/comments` is no issue number. */
export const ROUTES: readonly Route[] = [
  { template: '/version', scopes: [], methods: { GET: repositories.getVersion } },
  { template: '/user', scopes: ['user'], methods: { GET: repositories.getUser } },
  { template: '/user/repos', scopes: ['user', 'repository'], methods: { POST: repositories.createRepository } },
  {
    template: REPO,
    scopes: ['repository'],
    methods: {
      GET: repositories.getRepository,
      PATCH: repositories.editRepository,
      DELETE: repositories.deleteRepository,
    },
  },
  { template: `${REPO}/labels`, scopes: ['issue'], methods: { GET: labels.listLabels, POST: labels.createLabel } },
  { template: `${REPO}/labels/{id}`, scopes: ['issue'], methods: { GET: labels.getLabel, PATCH: labels.editLabel } },
  { template: `${REPO}/issues`, scopes: ['issue'], methods: { GET: issues.listIssues, POST: issues.createIssue } },
  { template: `${REPO}/issues/comments`, scopes: ['issue'], methods: { GET: comments.listRepositoryComments } },
  {
    template: `${REPO}/issues/comments/{id}`,
    scopes: ['issue'],
    methods: { GET: comments.getComment, PATCH: comments.editComment, DELETE: comments.deleteComment },
  },
  {
    template: `${REPO}/issues/{index}`,
    scopes: ['issue'],
    methods: { GET: issues.getIssue, PATCH: issues.editIssue, DELETE: issues.deleteIssue },
  },
  {
    template: `${REPO}/issues/{index}/comments`,
    scopes: ['issue'],
    methods: { GET: comments.listComments, POST: comments.createComment },
  },
  { template: `${REPO}/issues/{index}/timeline`, scopes: ['issue'], methods: { GET: comments.listTimeline } },
  {
    template: `${REPO}/issues/{index}/labels`,
    scopes: ['issue'],
    methods: { GET: labels.listIssueLabels, POST: labels.putIssueLabels, PUT: labels.putIssueLabels },
  },
  { template: `${REPO}/issues/{index}/labels/{id}`, scopes: ['issue'], methods: { DELETE: labels.removeIssueLabel } },
  {
    template: `${REPO}/issues/{index}/lock`,
    scopes: ['issue'],
    methods: { PUT: issues.lockIssue, DELETE: issues.lockIssue },
  },
];

/** The route of `path` (without `/api/v1` and query) with its variable parts decoded; null: unknown. */
export function routeOf(path: string): { readonly route: Route; readonly params: readonly string[] } | null {
  const parts = path.replace(/\/$/, '').split('/');
  for (const route of ROUTES) {
    const template = route.template.split('/');
    if (template.length === parts.length && template.every((part, at) => part.startsWith('{') || part === parts[at])) {
      const params = parts.filter((_, at) => template[at]?.startsWith('{')).map(decodeURIComponent);
      return { route, params };
    }
  }
  return null;
}
