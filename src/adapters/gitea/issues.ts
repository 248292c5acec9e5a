// Finds, opens, edits and closes issues of one repository, each write checked against its answer.

import type { EditIssueOption } from 'gitea-js';
import { holdsMarker, withMarker } from '../../core/react/marker.ts';
import { messageOf } from '../../lib/operational-error.ts';
import type { IssueDraft, TrackedIssue } from '../../ports/tracker.ts';
import { Issue } from './answers.ts';
import type { GiteaConnection } from './connection.ts';
import { GiteaFailure, unusable, type Attempt } from './failure.ts';
import type { FoundLabels, Labels } from './labels.ts';
import { listAll } from './listing.ts';
import { explainMissing } from './missing.ts';
import type { RepositoryPlace } from './place.ts';

/** A person who saves as often as this while we try has the last word. */
const MAX_EDIT_TRIES = 5;

/** What was done, and what of it Gitea left out. */
export interface Written<Value> {
  readonly value: Value;
  readonly warnings: readonly string[];
}

/** The issues of one Gitea. All methods throw GiteaFailure. */
export class Issues {
  readonly #connection: GiteaConnection;
  readonly #labels: Labels;

  constructor(connection: GiteaConnection, labels: Labels) {
    this.#connection = connection;
    this.#labels = labels;
  }

  /**
   * By listing, never by search: a create whose client hung up is in the list at once and in the index perhaps never,
   * and a label filter with an unknown name filters nothing (both measured).
   */
  async find(place: RepositoryPlace, marker: string, since: number): Promise<Written<TrackedIssue | null>> {
    const query = { type: 'issues', state: 'all', since: new Date(since).toISOString() } as const;
    const attempt = { what: 'list issues', repository: place.full, writes: false };
    const issues = await explainMissing(this.#connection, place, () =>
      listAll(this.#connection, attempt, {
        ask: (client, page) => client.repos.issueListIssues(place.owner, place.name, { ...query, ...page }),
        item: Issue,
        key: (issue) => issue.number,
        keep: (issue) => holdsMarker(issue.body, marker),
        totalIsTrue: true,
      }),
    );
    const [first, ...copies] = issues.toSorted((a, b) => a.number - b.number);
    const warnings = copies.map(
      (copy) => `#${copy.number} in ${place.full} carries the same marker as #${first?.number}`,
    );
    return { value: first === undefined ? null : this.#tracked(place, first), warnings };
  }

  async open(place: RepositoryPlace, draft: IssueDraft): Promise<Written<TrackedIssue>> {
    const present = await this.find(place, draft.marker, draft.since);
    if (present.value !== null) {
      return { value: present.value, warnings: present.warnings };
    }
    const labels = await this.#labels.ensure(place, draft.labels);
    try {
      return await this.#create(place, draft, labels);
    } catch (thrown) {
      // One assignee that does not exist is 422 for the whole issue; an escalation matters more than who is named on it.
      if (thrown instanceof GiteaFailure && thrown.status === 422 && draft.assignees.length > 0) {
        const written = await this.#create(place, { ...draft, assignees: [] }, labels);
        const refusal = `opened without assignees: ${messageOf(thrown)}`;
        return { value: written.value, warnings: [...written.warnings, refusal] };
      }
      throw thrown;
    }
  }

  async get(place: RepositoryPlace, number: number): Promise<TrackedIssue> {
    return this.#tracked(place, await this.read(place, number));
  }

  /** The issue as Gitea sends it. */
  async read(place: RepositoryPlace, number: number): Promise<Issue> {
    const attempt = { what: `read issue #${number}`, repository: place.full, writes: false };
    const { value } = await this.#connection.call(
      attempt,
      (client) => client.repos.issueGetIssue(place.owner, place.name, number),
      Issue,
    );
    return value;
  }

  async setState(place: RepositoryPlace, number: number, state: 'open' | 'closed'): Promise<TrackedIssue> {
    const attempt = {
      what: `${state === 'open' ? 'reopen' : 'close'} issue #${number}`,
      repository: place.full,
      writes: true,
    };
    // Without content_version: a person's edit of the text is no reason not to close.
    const issue = await this.#edit(place, number, { attempt, change: { state } });
    if (issue.state !== state) {
      throw unusable(attempt, 201, { why: `the issue is still ${issue.state}`, now: this.#connection.now() });
    }
    return this.#tracked(place, issue);
  }

  async editBody(place: RepositoryPlace, number: number, edit: (body: string) => string): Promise<TrackedIssue> {
    const attempt = { what: `edit issue #${number}`, repository: place.full, writes: true };
    for (let tries = 1; ; tries += 1) {
      const current = await this.read(place, number);
      const body = edit(current.body);
      if (body === current.body) {
        return this.#tracked(place, current);
      }
      try {
        const change = { body, content_version: current.content_version ?? undefined } as EditIssueOption;
        const issue = await this.#edit(place, number, { attempt, change });
        return this.#tracked(place, issue);
      } catch (thrown) {
        const changedMeanwhile = thrown instanceof GiteaFailure && thrown.status === 409;
        if (!changedMeanwhile || tries >= MAX_EDIT_TRIES) {
          throw thrown;
        }
      }
    }
  }

  async #create(place: RepositoryPlace, draft: IssueDraft, labels: FoundLabels): Promise<Written<TrackedIssue>> {
    const body = withMarker(draft.body, draft.marker);
    const attempt = { what: 'open an issue', repository: place.full, writes: true };
    const { value: issue } = await this.#connection.call(
      attempt,
      (client) =>
        client.repos.issueCreateIssue(place.owner, place.name, {
          title: draft.title,
          body,
          labels: [...labels.ids],
          assignees: [...draft.assignees],
        }),
      Issue,
    );
    if (!holdsMarker(issue.body, draft.marker)) {
      throw unusable(attempt, 201, { why: 'the answer is not the issue that was sent', now: this.#connection.now() });
    }
    const warnings = [...labels.warnings, ...dropped(issue, labels.ids, draft.assignees)];
    return { value: this.#tracked(place, issue), warnings };
  }

  async #edit(
    place: RepositoryPlace,
    number: number,
    edit: { readonly attempt: Attempt; readonly change: EditIssueOption },
  ): Promise<Issue> {
    const { value } = await this.#connection.call(
      edit.attempt,
      (client) => client.repos.issueEditIssue(place.owner, place.name, number, edit.change),
      Issue,
    );
    return value;
  }

  /** Addresses are built from the configuration: Gitea's own follow the Host header of the request. */
  #tracked(place: RepositoryPlace, issue: Issue): TrackedIssue {
    const { number, state, title, body } = issue;
    const url = `${this.#connection.url}/${place.full}/issues/${number}`;
    return { number, url, state, title, body, createdAt: issue.created_at };
  }
}

/** Gitea answers 201 and leaves labels and assignees out where the account may not write (measured). */
function dropped(issue: Issue, labelIds: readonly number[], assignees: readonly string[]): readonly string[] {
  const has = new Set(issue.labels.map((label) => label.id));
  const assigned = new Set(issue.assignees.map((user) => user.login.toLowerCase()));
  const lostLabels = labelIds.filter((id) => !has.has(id)).length;
  const lostPeople = assignees.filter((login) => !assigned.has(login.toLowerCase()));
  const advice = "give the token's account write access";
  return [
    ...(lostLabels === 0
      ? []
      : [`Gitea dropped ${lostLabels} of ${labelIds.length} labels of #${issue.number}: ${advice}`]),
    ...(lostPeople.length === 0
      ? []
      : [`Gitea did not assign ${lostPeople.join(', ')} to #${issue.number}: ${advice}`]),
  ];
}
