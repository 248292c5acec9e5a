// An issue store without a ledger, for tests of what stands on it.

import type {
  IssueChange,
  IssueStore,
  NewStoredIssue,
  StoredComment,
  StoredIssue,
} from '../../src/ports/issue-store.ts';

/** Keeps issues as long as the test keeps it: a tracker that "restarts" is given the same store again. */
export class MemoryIssueStore implements IssueStore {
  readonly #issues: StoredIssue[] = [];
  #comments: StoredComment[] = [];

  insert(issue: NewStoredIssue): StoredIssue {
    const present = this.byMarker(issue.marker);
    if (present !== null) {
      return present;
    }
    const stored = { ...issue, number: this.#issues.length + 1, state: 'open', updatedAt: issue.createdAt } as const;
    this.#issues.push(stored);
    return stored;
  }

  get(number: number): StoredIssue | null {
    return this.#issues[number - 1] ?? null;
  }

  byMarker(marker: string): StoredIssue | null {
    return this.#issues.find((issue) => issue.marker === marker) ?? null;
  }

  list(filter: {
    readonly project: string | null;
    readonly state: 'open' | 'closed' | null;
    readonly limit: number;
  }): readonly StoredIssue[] {
    return this.#issues
      .filter((issue) => filter.project === null || issue.project === filter.project)
      .filter((issue) => filter.state === null || issue.state === filter.state)
      .toReversed()
      .slice(0, filter.limit);
  }

  change(number: number, change: IssueChange): StoredIssue | null {
    const { at, ...rest } = change;
    const present = this.get(number);
    if (present === null) {
      return null;
    }
    const changed = { ...present, ...rest, updatedAt: at };
    this.#issues[number - 1] = changed;
    return changed;
  }

  comments(issue: number): readonly StoredComment[] {
    return this.#comments.filter((comment) => comment.issue === issue);
  }

  putComment(comment: {
    readonly issue: number;
    readonly marker: string | null;
    readonly body: string;
    readonly present: 'keep' | 'replace';
    readonly at: number;
  }): StoredComment | null {
    const { issue, marker, body, present, at } = comment;
    if (this.get(issue) === null) {
      return null;
    }
    const old = marker === null ? undefined : this.comments(issue).find((one) => one.marker === marker);
    if (old !== undefined && (present === 'keep' || old.body === body)) {
      return old;
    }
    const id = old?.id ?? this.#comments.length + 1;
    const put = { id, issue, marker, body, createdAt: old?.createdAt ?? at, updatedAt: at };
    this.#comments =
      old === undefined ? [...this.#comments, put] : this.#comments.map((one) => (one === old ? put : one));
    this.change(issue, { at });
    return put;
  }
}
