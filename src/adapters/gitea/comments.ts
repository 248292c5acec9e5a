// Puts comments in place once per marker, and reads what else happened on an issue.

import { latestMoment } from '../../core/trigger/issue-news.ts';
import { holdsMarker, isOurs, withMarker } from '../../core/react/marker.ts';
import type { CommentDraft, IssueActivity, TrackedComment } from '../../ports/tracker.ts';
import { Comment, listOf, TimelineEntry, type Issue } from './answers.ts';
import type { GiteaConnection } from './connection.ts';
import { unusable } from './failure.ts';
import { listAll } from './listing.ts';
import { explainBroken } from './missing.ts';
import type { RepositoryPlace } from './place.ts';

/** Gitea's instants are whole seconds, and an event and the issue it touches may be written in two of them. */
const SAME_MOMENT_MS = 1_000;

/** The comments and events of one Gitea. All methods throw GiteaFailure. */
export class Comments {
  readonly #connection: GiteaConnection;

  constructor(connection: GiteaConnection) {
    this.#connection = connection;
  }

  async put(place: RepositoryPlace, number: number, draft: CommentDraft): Promise<TrackedComment> {
    return explainBroken(this.#connection, { place, number }, async () => {
      const comments = await this.#list(place, number, draft.since);
      const present = comments.find((comment) => holdsMarker(comment.body, draft.marker));
      const body = withMarker(draft.body, draft.marker);
      if (present === undefined) {
        return this.#tracked(place, number, await this.#add(place, number, body));
      }
      if (draft.present === 'replace' && present.body !== body) {
        await this.#replace(place, present.id, body);
      }
      return this.#tracked(place, number, present);
    });
  }

  /**
   * An edit of the text leaves no entry in the timeline, it only moves the issue's `updated_at`: where that is an
   * instant of no entry, somebody edited.
   */
  async activity(place: RepositoryPlace, issue: Issue, since: number): Promise<IssueActivity> {
    const entries = await explainBroken(this.#connection, { place, number: issue.number }, () =>
      this.#timeline(place, issue.number, since),
    );
    const moments = [issue.created_at, ...entries.map((entry) => entry.updated_at)];
    const isExplained = moments.some((moment) => Math.abs(moment - issue.updated_at) <= SAME_MOMENT_MS);
    const instants = [
      ...entries.filter((entry) => !isOurs(entry.body)).map((entry) => entry.updated_at),
      ...(issue.updated_at >= since && !isExplained ? [issue.updated_at] : []),
      ...(issue.created_at > since ? [issue.created_at] : []),
    ];
    return { state: issue.state, count: instants.length, latest: latestMoment(instants) };
  }

  async #timeline(place: RepositoryPlace, number: number, since: number): Promise<readonly TimelineEntry[]> {
    return listAll(
      this.#connection,
      { what: `read what happened on #${number}`, repository: place.full, writes: false },
      {
        ask: (client, page) =>
          client.repos.issueGetCommentsAndTimeline(place.owner, place.name, number, {
            since: new Date(since).toISOString(),
            ...page,
          }),
        item: TimelineEntry,
        key: (entry) => entry.id,
        keep: () => true,
        totalIsTrue: false,
      },
    );
  }

  /** Gitea sends the comments of an issue all at once, oldest first, and ignores `page` and `limit` here. */
  async #list(place: RepositoryPlace, number: number, since: number): Promise<readonly Comment[]> {
    const attempt = { what: `list the comments of #${number}`, repository: place.full, writes: false };
    const query = { since: new Date(since).toISOString() };
    const { value, total } = await this.#connection.call(
      attempt,
      (client) => client.repos.issueGetComments(place.owner, place.name, number, query),
      listOf(Comment),
    );
    if (total !== null && value.length < total) {
      const why = `the list ended after ${value.length} of ${total}`;
      throw unusable(attempt, 200, { why, now: this.#connection.now() });
    }
    return value;
  }

  async #add(place: RepositoryPlace, number: number, body: string): Promise<Comment> {
    const attempt = { what: `comment on #${number}`, repository: place.full, writes: true };
    const { value } = await this.#connection.call(
      attempt,
      (client) => client.repos.issueCreateComment(place.owner, place.name, number, { body }),
      Comment,
    );
    return value;
  }

  async #replace(place: RepositoryPlace, id: number, body: string): Promise<void> {
    const attempt = { what: `edit comment ${id}`, repository: place.full, writes: true };
    const { value } = await this.#connection.call(
      attempt,
      (client) => client.repos.issueEditComment(place.owner, place.name, id, { body }),
      Comment,
    );
    if (value.body !== body) {
      throw unusable(attempt, 200, { why: 'the answer is not the comment that was sent', now: this.#connection.now() });
    }
  }

  #tracked(place: RepositoryPlace, number: number, comment: Comment): TrackedComment {
    return { id: comment.id, url: `${this.#connection.url}/${place.full}/issues/${number}#issuecomment-${comment.id}` };
  }
}
