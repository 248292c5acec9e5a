// Tells the different reasons apart that Gitea reports as 404, or as 500 without a word.

import { Issue, Repository } from './answers.ts';
import type { GiteaConnection } from './connection.ts';
import { GiteaFailure } from './failure.ts';
import type { RepositoryPlace } from './place.ts';

/** Runs `work`; where it ends in 404, looks whether the repository only has its issues switched off, and says so. */
export async function explainMissing<Value>(
  connection: GiteaConnection,
  place: RepositoryPlace,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof GiteaFailure && thrown.status === 404 && (await issuesAreOff(connection, place))) {
      throw issuesOff(place);
    }
    throw thrown;
  }
}

/** Runs `work` on one issue; Gitea answers 500 with an empty message where that issue does not exist (measured). */
export async function explainBroken<Value>(
  connection: GiteaConnection,
  issue: { readonly place: RepositoryPlace; readonly number: number },
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof GiteaFailure && thrown.status === 500) {
      await insistOnIssue(connection, issue.place, issue.number);
    }
    throw thrown;
  }
}

/** The failure for a repository that keeps no issues. */
export function issuesOff(place: RepositoryPlace): GiteaFailure {
  return new GiteaFailure(
    `issues are switched off in ${place.full}: switch them on in its settings, or name another repository`,
    { code: 'issues_off', status: 404, permanent: true, effect: 'none' },
  );
}

/** Throws where the issue does not exist; any other refusal is left to the failure that brought us here. */
async function insistOnIssue(connection: GiteaConnection, place: RepositoryPlace, number: number): Promise<void> {
  const attempt = { what: `read issue #${number}`, repository: place.full, writes: false };
  try {
    await connection.call(attempt, (client) => client.repos.issueGetIssue(place.owner, place.name, number), Issue);
  } catch (thrown) {
    if (!(thrown instanceof GiteaFailure) || thrown.status === 404) {
      throw thrown;
    }
  }
}

async function issuesAreOff(connection: GiteaConnection, place: RepositoryPlace): Promise<boolean> {
  const attempt = { what: 'read the repository', repository: place.full, writes: false };
  try {
    const { value } = await connection.call(
      attempt,
      (client) => client.repos.repoGet(place.owner, place.name),
      Repository,
    );
    return !value.has_issues;
  } catch (thrown) {
    // A token with write:issue alone may not look (403); then the 404 stands as it is.
    if (thrown instanceof GiteaFailure) {
      return false;
    }
    throw thrown;
  }
}
