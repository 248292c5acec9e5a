// Tells whether the files of a configuration have changed, by stat alone: they are looked at often.

import { globSync, statSync } from 'node:fs';
import type { LoadResult, ReadFrom } from '../config/load.ts';
import type { Fleet } from '../core/fleet.ts';
import { messageOf } from '../lib/operational-error.ts';

/** A configuration as it was loaded last, and files beside it whose content a reload compares. */
export interface LoadedFrom extends ReadFrom {
  readonly tasks: readonly string[];
}

/** Where `found` stands. What could not be loaded says nothing of its task files: those of `before` are looked at. */
export function loadedFrom(found: LoadResult, before: LoadedFrom | null): LoadedFrom {
  const { files, includes } = found;
  return { files, includes, tasks: found.kind === 'ok' ? tasksOf(found.fleet) : (before?.tasks ?? []) };
}

function tasksOf({ agents }: Fleet): readonly string[] {
  return agents.flatMap(({ taskFile, taskFileHash }) => (taskFile === null || taskFileHash === null ? [] : [taskFile]));
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
