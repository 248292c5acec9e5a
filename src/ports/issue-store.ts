// Where the local tracker keeps its issues: part of the ledger, so that they are as durable as what they tell about.

/** An issue of the local tracker. Numbers form one series for the whole fleet, from 1. */
export interface StoredIssue {
  readonly number: number;
  readonly project: string | null;
  /** Unique; the body holds it too. */
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly state: 'open' | 'closed';
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms of the last change or comment. */
  readonly updatedAt: number;
}

/** An issue to be stored, open. */
export type NewStoredIssue = Omit<StoredIssue, 'number' | 'state' | 'updatedAt'>;

/** A comment; `marker` null: a person wrote it. */
export interface StoredComment {
  readonly id: number;
  readonly issue: number;
  readonly marker: string | null;
  readonly body: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly updatedAt: number;
}

/** What may change about a stored issue; left out: stays. */
export interface IssueChange {
  readonly state?: 'open' | 'closed';
  readonly body?: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Issues and their comments. Each call is one transaction; all of them throw where the ledger cannot be used. */
export interface IssueStore {
  /** Stores the issue under the next number; where its marker is taken, gives the issue that has it, unchanged. */
  insert(issue: NewStoredIssue): StoredIssue;
  get(number: number): StoredIssue | null;
  byMarker(marker: string): StoredIssue | null;
  /** Newest first, `limit` at most; null: of all projects, in any state. */
  list(filter: {
    readonly project: string | null;
    readonly state: 'open' | 'closed' | null;
    readonly limit: number;
  }): readonly StoredIssue[];
  /** Null: no such issue. */
  change(number: number, change: IssueChange): StoredIssue | null;
  /** Oldest first. */
  comments(issue: number): readonly StoredComment[];
  /**
   * Adds the comment, or where `marker` is taken on this issue gives that one: as it is (`keep`) or with this body
   * (`replace`). A comment without marker is always added. Moves the issue's `updatedAt` unless nothing changed.
   * Null: no such issue.
   */
  putComment(comment: {
    readonly issue: number;
    readonly marker: string | null;
    readonly body: string;
    readonly present: 'keep' | 'replace';
    /** Epoch ms. */
    readonly at: number;
  }): StoredComment | null;
}
