// The tracker for a fleet without a Gitea: issues live in the ledger and are read with `adf issues`.

import { withMarker } from '../../core/react/marker.ts';
import { messageOf } from '../../lib/operational-error.ts';
import { latestMoment } from '../../core/trigger/issue-news.ts';
import type { IssueStore, StoredIssue } from '../../ports/issue-store.ts';
import type {
  CommentDraft,
  IssueActivity,
  IssueDraft,
  PlaceReport,
  TrackedComment,
  TrackedIssue,
  Tracker,
  TrackerFailure,
  TrackerPlace,
  TrackerReply,
} from '../../ports/tracker.ts';

/** Issues in `store`; `now` gives epoch ms. A ledger that cannot be written is a failure to be tried again. */
export class LocalTracker implements Tracker {
  readonly name = 'local';
  readonly #store: IssueStore;
  readonly #now: () => number;

  constructor(store: IssueStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async find(_place: TrackerPlace, marker: string, since: number): Promise<TrackerReply<TrackedIssue | null>> {
    return answer(() => {
      const issue = this.#store.byMarker(marker);
      return issue === null || issue.updatedAt < since ? null : tracked(issue);
    });
  }

  async open(place: TrackerPlace, draft: IssueDraft): Promise<TrackerReply<TrackedIssue>> {
    const { marker, title, labels, assignees } = draft;
    const issue = { project: place.project, marker, title, labels, assignees, createdAt: this.#now() };
    return answer(() => tracked(this.#store.insert({ ...issue, body: withMarker(draft.body, marker) })));
  }

  async get(_place: TrackerPlace, number: number): Promise<TrackerReply<TrackedIssue>> {
    return answer(() => tracked(orMissing(this.#store.get(number), number)));
  }

  async comment(_place: TrackerPlace, number: number, draft: CommentDraft): Promise<TrackerReply<TrackedComment>> {
    const { marker, present } = draft;
    const body = withMarker(draft.body, marker);
    return answer(() => {
      const comment = this.#store.putComment({ issue: number, marker, body, present, at: this.#now() });
      return { id: orMissing(comment, number).id, url: null };
    });
  }

  async setState(_place: TrackerPlace, number: number, state: 'open' | 'closed'): Promise<TrackerReply<TrackedIssue>> {
    return answer(() => {
      const issue = orMissing(this.#store.get(number), number);
      const change = { state, at: this.#now() };
      return tracked(issue.state === state ? issue : orMissing(this.#store.change(number, change), number));
    });
  }

  async editBody(
    _place: TrackerPlace,
    number: number,
    edit: (body: string) => string,
  ): Promise<TrackerReply<TrackedIssue>> {
    return answer(() => {
      const issue = orMissing(this.#store.get(number), number);
      const change = { body: edit(issue.body), at: this.#now() };
      return tracked(issue.body === change.body ? issue : orMissing(this.#store.change(number, change), number));
    });
  }

  async activity(_place: TrackerPlace, number: number, since: number): Promise<TrackerReply<IssueActivity>> {
    return answer(() => {
      const issue = orMissing(this.#store.get(number), number);
      const comments = this.#store.comments(number);
      const instants = [
        ...comments
          .filter((comment) => comment.marker === null && comment.updatedAt >= since)
          .map((comment) => comment.updatedAt),
        ...(issue.createdAt > since ? [issue.createdAt] : []),
      ];
      return { state: issue.state, count: instants.length, latest: latestMoment(instants) };
    });
  }

  async check(_place: TrackerPlace): Promise<TrackerReply<PlaceReport>> {
    return answer(() => {
      this.#store.list({ project: null, state: null, limit: 1 });
      return { name: 'local', url: null, version: null };
    });
  }

  async accessStamp(): Promise<string> {
    return 'local';
  }
}

/** The number that there is no issue for. */
class Missing extends Error {}

function orMissing<Found>(found: Found | null, number: number): Found {
  if (found === null) {
    throw new Missing(`there is no issue #${number}: adf issues lists all`);
  }
  return found;
}

function answer<Value>(work: () => Value): TrackerReply<Value> {
  try {
    return { kind: 'done', value: work(), warnings: [] };
  } catch (thrown) {
    return failed(thrown);
  }
}

function failed(thrown: unknown): TrackerFailure {
  const isMissing = thrown instanceof Missing;
  return {
    kind: 'failed',
    permanent: isMissing,
    effect: 'none',
    status: isMissing ? 404 : null,
    message: isMissing ? thrown.message : `the ledger did not take it (${messageOf(thrown)}); it is tried again`,
    retryAt: null,
  };
}

function tracked(issue: StoredIssue): TrackedIssue {
  const { number, state, title, body, createdAt } = issue;
  return { number, url: null, state, title, body, createdAt };
}
