// The double's comments and timeline.

import {
  decode,
  notFound,
  pageAsked,
  pageOf,
  Refusal,
  refusal,
  required,
  signedIn,
  type Exchange,
  type Reply,
} from './exchange.ts';
import { index, instantAsked, issueOf, refuseArchived } from './issues.ts';
import { commentShape, timelineShape } from './shapes.ts';
import { mayWrite, type Entry, type Issue } from './world.ts';

/** GET …/issues/{index}/comments: all of them, whatever page was asked for. */
export function listComments(exchange: Exchange): Reply {
  const comments = since(exchange, exchange.world.comments(issueOrBroken(exchange)));
  return {
    status: 200,
    headers: { 'x-total-count': String(comments.length) },
    body: comments.map((comment) => commentShape(exchange.view, comment)),
  };
}

/** GET …/issues/comments: these do page. */
export function listRepositoryComments(exchange: Exchange): Reply {
  const comments = since(
    exchange,
    exchange.repository.entries.filter((entry) => entry.type === 'comment'),
  );
  const { items, headers } = pageOf(exchange, comments, false);
  return { status: 200, headers, body: items.map((comment) => commentShape(exchange.view, comment as Entry)) };
}

/** POST …/issues/{index}/comments */
export function createComment(exchange: Exchange): Reply {
  const { repository, view, world } = exchange;
  const user = signedIn(exchange);
  const body = required(exchange, decode(exchange, 'CreateIssueCommentOption', { body: 'string' })['body'], 'Body');
  refuseArchived(exchange);
  const issue = issueOrBroken(exchange);
  if (issue.isLocked && !mayWrite(repository, user)) {
    throw refusal(view, 403, 'You cannot comment on a locked issue.');
  }
  const comment = world.addEntry(issue, user, { type: 'comment', body });
  index(issue, world.comments(issue));
  return { status: 201, body: commentShape(view, comment) };
}

/** GET …/issues/comments/{id} */
export function getComment(exchange: Exchange): Reply {
  return { status: 200, body: commentShape(exchange.view, commentOf(exchange)) };
}

/** PATCH …/issues/comments/{id} */
export function editComment(exchange: Exchange): Reply {
  const { repository, view, world } = exchange;
  const user = signedIn(exchange);
  const body = required(exchange, decode(exchange, 'EditIssueCommentOption', { body: 'string' })['body'], 'Body');
  const comment = commentOf(exchange);
  if (comment.user !== user && !mayWrite(repository, user)) {
    throw new Refusal({ status: 403 });
  }
  comment.body = body;
  comment.updatedAt = world.now();
  return { status: 200, body: commentShape(view, comment) };
}

/** DELETE …/issues/comments/{id} */
export function deleteComment(exchange: Exchange): Reply {
  const { entries } = exchange.repository;
  entries.splice(entries.indexOf(commentOf(exchange)), 1);
  return { status: 204 };
}

/** GET …/issues/{index}/timeline: pages, but counts only its page; nothing at all is `null`. */
export function listTimeline(exchange: Exchange): Reply {
  const issue = issueOrBroken(exchange);
  const entries = since(
    exchange,
    exchange.repository.entries.filter((entry) => entry.issue === issue),
  );
  const { limit, page } = pageAsked(exchange);
  const items = entries.slice((page - 1) * limit, page * limit);
  return {
    status: 200,
    headers: { 'x-total-count': String(items.length) },
    body: items.length === 0 ? null : items.map((entry) => timelineShape(exchange.view, entry)),
  };
}

/** A missing issue is 500 without a word here (147), switched-off issues are 404. */
function issueOrBroken(exchange: Exchange): Issue {
  try {
    return issueOf(exchange);
  } catch (thrown) {
    throw exchange.repository.hasIssues ? refusal(exchange.view, 500, '') : thrown;
  }
}

function commentOf(exchange: Exchange): Entry {
  const id = exchange.params[2] ?? '';
  if (!exchange.repository.hasIssues) {
    throw notFound(exchange.view);
  }
  const comment = exchange.repository.entries.find((entry) => String(entry.id) === id && entry.type === 'comment');
  if (comment === undefined) {
    throw refusal(exchange.view, 404, `comment does not exist [id: ${id}, issue_id: 0]`);
  }
  return comment;
}

function since(exchange: Exchange, entries: readonly Entry[]): Entry[] {
  const from = instantAsked(exchange, 'since');
  const to = instantAsked(exchange, 'before');
  return entries.filter(
    (entry) => (from === null || entry.updatedAt >= from) && (to === null || entry.updatedAt <= to),
  );
}
