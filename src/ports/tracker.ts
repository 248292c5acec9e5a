// Where escalations are opened: a Gitea, or the ledger itself.

/** An issue as a tracker knows it. */
export interface TrackedIssue {
  readonly number: number;
  /** Where a person can read it; null: only through `adf issues`. */
  readonly url: string | null;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body: string;
  readonly createdAt: number;
}

/** A new issue. `marker` is found again by `find`, whatever people do to title and labels. */
export interface IssueDraft {
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
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
  readonly status: number | null;
  /** Redacted; says what to do. */
  readonly message: string;
  /** Epoch ms, from Retry-After. */
  readonly retryAt: number | null;
}

/** The answer of a tracker call. `warnings`: what was accepted but not done (dropped labels). */
export type TrackerReply<Value> =
  | { readonly kind: 'done'; readonly value: Value; readonly warnings: readonly string[] }
  | TrackerFailure;

/** Opens, finds and closes issues. Every write that may be repeated carries a marker by which its effect is found. */
export interface Tracker {
  readonly name: string;
  /** The newest issue whose body holds `marker`, created or changed since `since` (epoch ms), in any state; null: none. */
  find(place: TrackerPlace, marker: string, since: number): Promise<TrackerReply<TrackedIssue | null>>;
  open(place: TrackerPlace, draft: IssueDraft): Promise<TrackerReply<TrackedIssue>>;
  get(place: TrackerPlace, number: number): Promise<TrackerReply<TrackedIssue>>;
  /** Adds a comment, unless one with this marker is there already. */
  comment(
    place: TrackerPlace,
    number: number,
    comment: { readonly marker: string; readonly body: string },
  ): Promise<TrackerReply<null>>;
  /** Opens or closes; done already is done. */
  setState(place: TrackerPlace, number: number, state: 'open' | 'closed'): Promise<TrackerReply<TrackedIssue>>;
}
