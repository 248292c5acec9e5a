// Decides which repository a project's issues go to, and refuses names that would lead elsewhere.

import type { TrackerPlace } from '../../ports/tracker.ts';
import { GiteaFailure } from './failure.ts';

/** A repository by its checked names. */
export interface RepositoryPlace {
  readonly owner: string;
  readonly name: string;
  /** `owner/name`, for messages. */
  readonly full: string;
}

/** What Gitea itself allows in these names; gitea-js would put `../other` into the path as it is. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

/** `place` with the fleet's defaults filled in. Throws a GiteaFailure for a name that Gitea could not have. */
export function repositoryOf(
  place: TrackerPlace,
  defaults: { readonly owner: string; readonly repository: string },
): RepositoryPlace {
  const owner = place.owner ?? defaults.owner;
  const name = place.repository ?? defaults.repository;
  for (const [key, value] of [
    ['owner', owner],
    ['repository', name],
  ] as const) {
    if (!NAME.test(value)) {
      throw new GiteaFailure(
        `${key} = ${JSON.stringify(value)} cannot be a name in Gitea: letters, digits, dot, dash and underscore, 1 to 100`,
        { code: 'bad_name', permanent: true, effect: 'none' },
      );
    }
  }
  return { owner, name, full: `${owner}/${name}` };
}
