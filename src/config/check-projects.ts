// Checks how projects fit together, and the factory's own time zone.

import { relative } from 'node:path';

import type { Entries, Entry } from './collect.ts';
import type { ProjectInput } from './schema/project.ts';
import { checkTimezone } from './timezone.ts';

/** Reports ids that are one file name, and settings that have nothing to stand on. */
export function checkProjects(entries: Entries): void {
  const first = new Map<string, Entry<ProjectInput>>();
  for (const project of entries.projects) {
    const { id } = project.values;
    if (id === undefined) {
      continue;
    }
    const other = first.get(id.toLowerCase());
    if (other === undefined) {
      first.set(id.toLowerCase(), project);
      continue;
    }
    const same = other.values.id === id ? 'is taken' : `and "${other.values.id}" are one file name`;
    const where = other.source.where([...other.path, 'id']);
    project.source.error([...project.path, 'id'], `"${id}" ${same} (${where}): choose another`);
  }
  checkTimezone(entries.factory, entries.factory.values.timezone);
  checkPauseDir(entries);
}

function checkPauseDir({ factory }: Entries): void {
  const { state_dir: state, pause_dir: pause } = factory.values;
  if (state !== undefined && pause !== undefined && relative(state, pause) === '') {
    factory.source.error(
      [...factory.path, 'pause_dir'],
      'is the same folder as state_dir: every file in it would be a flag; choose another',
    );
  }
}
