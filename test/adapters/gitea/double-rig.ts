// A fresh double, repository and tracker for each test, with a check at its end that every request was as documented.

import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { GiteaTracker } from '../../../src/adapters/gitea/tracker.ts';
import type { IssueDraft, TrackedIssue, TrackerPlace, TrackerReply } from '../../../src/ports/tracker.ts';
import { draft } from '../../ports/tracker.suite.ts';
import type { Repository } from '../../support/gitea-double/world.ts';
import { doubleSubject, type DoubleSubject } from './double.ts';
import { giteaRig, type GiteaRig } from './gitea.suite.ts';

/** What a test works with; all of it is new for each test. */
export class DoubleRig {
  #made: { readonly gitea: DoubleSubject; readonly rig: GiteaRig } | null = null;
  /** A test may move it. */
  place: TrackerPlace = { project: 'suite', owner: null, repository: null };

  async make(): Promise<void> {
    const gitea = await doubleSubject();
    this.#made = { gitea, rig: await giteaRig(gitea) };
    this.place = this.subject.place;
  }

  async close(): Promise<void> {
    const { violations, faults } = this.gitea.double;
    faults.clear();
    await writeFile(this.tokenFile, this.gitea.login.token, { mode: 0o600 });
    await this.subject.close();
    await this.gitea.close();
    expect(violations).toEqual([]);
  }

  get gitea(): DoubleSubject {
    return this.#parts.gitea;
  }

  get subject(): GiteaRig['subject'] {
    return this.#parts.rig.subject;
  }

  get tracker(): GiteaTracker {
    return this.#parts.rig.tracker;
  }

  get tokenFile(): string {
    return this.#parts.rig.tokenFile;
  }

  get repository(): Repository {
    const { owner, name } = this.#parts.rig;
    const found = this.gitea.double.world.repository(owner, name);
    if (found === null) {
      throw new Error(`no repository ${owner}/${name}`);
    }
    return found;
  }

  async open(rest: Partial<IssueDraft> = {}): Promise<TrackerReply<TrackedIssue>> {
    return this.tracker.open(this.place, draft(this.subject, rest));
  }

  /** A second tracker for the same repository. */
  anotherTracker(rest: { timeoutMs?: number; maxAnswerBytes?: number; url?: string }): GiteaTracker {
    const { owner, name: repository, tokenFile } = this.#parts.rig;
    const { now, login } = this.gitea;
    return new GiteaTracker({ url: login.url, tokenFile, owner, repository, now, ...rest });
  }

  /** How many requests of that kind were seen. */
  requests(method: string, path: RegExp): number {
    return this.gitea.double.seen.filter((seen) => seen.method === method && path.test(seen.path)).length;
  }

  /** An issue as the server writes it; null: one of another repository. */
  async issueJson(number: number | null): Promise<Record<string, unknown>> {
    const { world } = this.gitea.double;
    const { bot, login } = this.gitea;
    const issue =
      this.repository.issues.find((one) => one.number === number) ??
      world.addIssue(world.addRepository(bot, 'beside'), bot, { title: 'other' });
    const path = `/api/v1/repos/${bot.login}/${issue.repository.name}/issues/${issue.number}`;
    const response = await fetch(`${login.url}${path}`, { headers: { authorization: `token ${login.token}` } });
    return (await response.json()) as Record<string, unknown>;
  }

  get #parts(): { readonly gitea: DoubleSubject; readonly rig: GiteaRig } {
    if (this.#made === null) {
      throw new Error('the rig exists only within a test');
    }
    return this.#made;
  }
}

/** Makes and closes the rig around each test of the file. */
export function doubleRig(): DoubleRig {
  const rig = new DoubleRig();
  beforeEach(() => rig.make());
  afterEach(() => rig.close());
  return rig;
}
