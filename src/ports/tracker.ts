// Where escalations are opened: a Gitea, or the ledger itself.

import type { IssueMoment } from '../core/trigger/issue-news.ts';

/** An issue as a tracker knows it. */
export interface TrackedIssue {
  readonly number: number;
  /** Where a person can read it; null: only through `adf issues`. */
  readonly url: string | null;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** A comment that is in place now. */
export interface TrackedComment {
  readonly id: number;
  readonly url: string | null;
}

/** A new issue. The tracker ends its body with `marker`, by which it is found again, whatever people do to the rest. */
export interface IssueDraft {
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  /** Epoch ms: nothing that carries this marker can be older (start of the incident − 1 h, for clocks that differ). */
  readonly since: number;
}

/** A comment to have in place. The tracker ends its body with `marker`. */
export interface CommentDraft {
  readonly marker: string;
  readonly body: string;
  /** Epoch ms: no comment with this marker can be older. */
  readonly since: number;
  /** What to do where one with this marker is there: leave it, or give it this body. */
  readonly present: 'keep' | 'replace';
}

/** What happened on an issue or pull request, our own comments left out. */
export interface IssueActivity {
  readonly state: 'open' | 'closed';
  /** Comments, labels, state changes, reviews, pushes and edits of the text; 0: nothing new. */
  readonly count: number;
  /** The newest of them; null: there is none. */
  readonly latest: IssueMoment | null;
}

/** Whether escalations could be opened in a place; for `adf doctor`. */
export interface PlaceReport {
  /** `owner/repository`, or the name of the tracker. */
  readonly name: string;
  readonly url: string | null;
  readonly version: string | null;
}

/** Where issues of one project go; nulls mean the tracker's default. */
export interface TrackerPlace {
  readonly project: string | null;
  readonly owner: string | null;
  readonly repository: string | null;
}

/** A refusal or failure; `permanent` ones are parked until the operator changes something, others are tried again. */
export interface TrackerFailure {
  readonly kind: 'failed';
  readonly permanent: boolean;
  /** `unknown`: a write may have been carried out all the same. Repeating it is safe: it looks for its marker first. */
  readonly effect: 'none' | 'unknown';
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** Redacted; says what to do. */
  readonly message: string;
  /** Epoch ms before which trying again is useless or unsafe (Retry-After, or a write that may still be under way). */
  readonly retryAt: number | null;
}

/** The answer of a tracker call. `warnings`: what was accepted but not done (dropped labels). */
export type TrackerReply<Value> =
  | { readonly kind: 'done'; readonly value: Value; readonly warnings: readonly string[] }
  | TrackerFailure;

/**
 * Opens, finds and closes issues. Every write looks for its own effect first and may be repeated, also after an answer
 * that was lost. Expected failures are values; a call never throws for them. Callers keep the order per issue: two
 * calls of one marker at once are not held apart.
 */
export interface Tracker {
  readonly name: string;
  /** The issue whose body holds `marker`, created or changed since `since` (epoch ms), in any state; the oldest of several. */
  find(place: TrackerPlace, marker: string, since: number): Promise<TrackerReply<TrackedIssue | null>>;
  /** Creates the issue, unless one with this marker is there: then that one, as it is. */
  open(place: TrackerPlace, draft: IssueDraft): Promise<TrackerReply<TrackedIssue>>;
  get(place: TrackerPlace, number: number): Promise<TrackerReply<TrackedIssue>>;
  /** Puts a comment in place, once per marker. */
  comment(place: TrackerPlace, number: number, draft: CommentDraft): Promise<TrackerReply<TrackedComment>>;
  /** Opens or closes; done already is done. */
  setState(place: TrackerPlace, number: number, state: 'open' | 'closed'): Promise<TrackerReply<TrackedIssue>>;
  /** Gives the issue the body that `edit` makes of its present one; a person's edit meanwhile is seen, never overwritten. */
  editBody(place: TrackerPlace, number: number, edit: (body: string) => string): Promise<TrackerReply<TrackedIssue>>;
  /** What people and others did on an issue or pull request since `since` (epoch ms of the tracker, included). */
  activity(place: TrackerPlace, number: number, since: number): Promise<TrackerReply<IssueActivity>>;
  /** Can issues be opened here? Changes nothing. */
  check(place: TrackerPlace): Promise<TrackerReply<PlaceReport>>;
  /** Changes whenever the operator changed what this tracker was given (a new token in its file): parked calls may go on. */
  accessStamp(): Promise<string>;
}
