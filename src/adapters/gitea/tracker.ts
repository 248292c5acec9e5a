// The tracker that keeps escalations in a Gitea.

import { messageOf } from '../../lib/operational-error.ts';
import type {
  CommentDraft,
  IssueActivity,
  IssueDraft,
  PlaceReport,
  TrackedComment,
  TrackedIssue,
  Tracker,
  TrackerPlace,
  TrackerReply,
} from '../../ports/tracker.ts';
import { Repository, Version, type Issue } from './answers.ts';
import { Comments } from './comments.ts';
import { GiteaConnection } from './connection.ts';
import { GiteaFailure } from './failure.ts';
import { Issues, type Written } from './issues.ts';
import { Labels } from './labels.ts';
import { issuesOff } from './missing.ts';
import { repositoryOf, type RepositoryPlace } from './place.ts';

/** A slow answer is worse than none: the outbox waits behind it. */
const TIMEOUT_MS = 15_000;
/** A page of 50 issues of 60 KB is 3 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Where the Gitea is, who we are there, and the fleet's default repository. */
export interface GiteaTrackerOptions {
  readonly url: string;
  readonly tokenFile: string;
  readonly owner: string;
  readonly repository: string;
  /** Epoch ms, for Retry-After. */
  readonly now: () => number;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

/** Issues in the repositories of one Gitea, as the account of the token in `tokenFile`. */
export class GiteaTracker implements Tracker {
  readonly name = 'gitea';
  readonly #defaults: { readonly owner: string; readonly repository: string };
  readonly #connection: GiteaConnection;
  readonly #issues: Issues;
  readonly #comments: Comments;

  constructor(options: GiteaTrackerOptions) {
    this.#defaults = options;
    this.#connection = new GiteaConnection({ timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES, ...options });
    this.#issues = new Issues(this.#connection, new Labels(this.#connection));
    this.#comments = new Comments(this.#connection);
  }

  async find(place: TrackerPlace, marker: string, since: number): Promise<TrackerReply<TrackedIssue | null>> {
    return this.#written(place, (repository) => this.#issues.find(repository, marker, since));
  }

  async open(place: TrackerPlace, draft: IssueDraft): Promise<TrackerReply<TrackedIssue>> {
    return this.#written(place, (repository) => this.#issues.open(repository, draft));
  }

  async get(place: TrackerPlace, number: number): Promise<TrackerReply<TrackedIssue>> {
    return this.#done(place, (repository) => this.#issues.get(repository, number));
  }

  async comment(place: TrackerPlace, number: number, draft: CommentDraft): Promise<TrackerReply<TrackedComment>> {
    return this.#done(place, (repository) => this.#comments.put(repository, number, draft));
  }

  async setState(place: TrackerPlace, number: number, state: 'open' | 'closed'): Promise<TrackerReply<TrackedIssue>> {
    return this.#done(place, (repository) => this.#issues.setState(repository, number, state));
  }

  async editBody(
    place: TrackerPlace,
    number: number,
    edit: (body: string) => string,
  ): Promise<TrackerReply<TrackedIssue>> {
    return this.#done(place, (repository) => this.#issues.editBody(repository, number, edit));
  }

  async activity(place: TrackerPlace, number: number, since: number): Promise<TrackerReply<IssueActivity>> {
    return this.#done(place, async (repository) => {
      const issue: Issue = await this.#issues.read(repository, number);
      return this.#comments.activity(repository, issue, since);
    });
  }

  async check(place: TrackerPlace): Promise<TrackerReply<PlaceReport>> {
    return this.#written(place, (repository) => this.#check(repository));
  }

  async accessStamp(): Promise<string> {
    return `${this.#connection.url} ${await this.#connection.accessStamp()}`;
  }

  async #check(place: RepositoryPlace): Promise<Written<PlaceReport>> {
    const ask = { what: 'ask for the version', repository: null, writes: false };
    const { value } = await this.#connection.call(ask, (client) => client.version.getVersion(), Version);
    const warnings = [...(await this.#repositoryWarnings(place))];
    await this.#issues.find(place, NO_MARKER, this.#connection.now());
    const url = `${this.#connection.url}/${place.full}`;
    return { value: { name: place.full, url, version: value.version }, warnings };
  }

  /** What the repository itself says, where the token may ask (read:repository). */
  async #repositoryWarnings(place: RepositoryPlace): Promise<readonly string[]> {
    const attempt = { what: 'read the repository', repository: place.full, writes: false };
    try {
      const { value } = await this.#connection.call(
        attempt,
        (client) => client.repos.repoGet(place.owner, place.name),
        Repository,
      );
      if (!value.has_issues) {
        throw issuesOff(place);
      }
      if (value.archived) {
        throw new GiteaFailure(`${place.full} is archived: unarchive it or name another repository`, {
          code: 'archived',
          status: 423,
          permanent: true,
          effect: 'none',
        });
      }
      return value.permissions?.push === false
        ? [`the token's account may not write to ${place.full}: labels and assignees will be left out`]
        : [];
    } catch (thrown) {
      if (thrown instanceof GiteaFailure && thrown.status === 403) {
        return [`cannot tell whether issues can be opened in ${place.full}: ${messageOf(thrown)}`];
      }
      throw thrown;
    }
  }

  async #done<Value>(
    place: TrackerPlace,
    work: (repository: RepositoryPlace) => Promise<Value>,
  ): Promise<TrackerReply<Value>> {
    return this.#written(place, async (repository) => ({ value: await work(repository), warnings: [] }));
  }

  async #written<Value>(
    place: TrackerPlace,
    work: (repository: RepositoryPlace) => Promise<Written<Value>>,
  ): Promise<TrackerReply<Value>> {
    try {
      const { value, warnings } = await work(repositoryOf(place, this.#defaults));
      return { kind: 'done', value, warnings };
    } catch (thrown) {
      if (thrown instanceof GiteaFailure) {
        return thrown.toReply();
      }
      throw thrown;
    }
  }
}

/** Found nowhere; asking for it shows that the list can be read. */
const NO_MARKER = '<!-- adf:none -->';
