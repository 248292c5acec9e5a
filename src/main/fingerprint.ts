// Tells whether the files of a configuration have changed, by stat alone: they are looked at often.

import { globSync, statSync } from 'node:fs';
import type { Fleet } from '../core/fleet.ts';
import { messageOf } from '../lib/operational-error.ts';

/** A configuration as it was loaded last. */
export interface LoadedFrom {
  /** agents.toml first, then what it includes. */
  readonly files: readonly string[];
  /** Absolute patterns: what matches them now is a part of the configuration, whether it was read or not. */
  readonly includes: readonly string[];
  /** Files beside them whose content is compared. */
  readonly tasks: readonly string[];
}

/** What a configuration was loaded from, with the task files whose content a reload compares. */
export function loadedFrom({
  files,
  includes,
  fleet,
}: Pick<LoadedFrom, 'files' | 'includes'> & { readonly fleet: Fleet }): LoadedFrom {
  const tasks = fleet.agents.flatMap(({ taskFile, taskFileHash }) =>
    taskFile === null || taskFileHash === null ? [] : [taskFile],
  );
  return { files, includes, tasks };
}

/** Another text as soon as one of the files is another one, a file comes that an include matches, or one goes. */
export function fingerprint({ files, includes, tasks }: LoadedFrom): string {
  const matching = includes.flatMap((pattern) => globSync(pattern)).toSorted();
  return [...new Set([...files, ...matching, ...tasks])].map(stampOf).join('\n');
}

/** What cannot be looked at is told by why: a link to itself must not end the factory, and its mending is a change. */
function stampOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? `${path} gone` : `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  } catch (error) {
    return `${path} ${messageOf(error)}`;
  }
}
