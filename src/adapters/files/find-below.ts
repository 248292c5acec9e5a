// Finds a file by the end of its name, newest folders first, within bounds.

import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders below folders: a year, a month, a day. */
const MAX_DEPTH = 3;
/** Folders that are looked into. */
const MAX_FOLDERS = 1000;

/** A readable file below `folder` whose name ends with `endsWith`; null: there is none, or not where it can be seen. */
export async function findBelow(folder: string, endsWith: string): Promise<string | null> {
  const open = [{ path: folder, depth: 0 }];
  for (let looked = 0; looked < MAX_FOLDERS; looked += 1) {
    const next = open.pop();
    if (next === undefined) {
      return null;
    }
    const entries = await readdir(next.path, { withFileTypes: true }).catch(() => []);
    const file = entries.find((entry) => entry.isFile() && entry.name.endsWith(endsWith));
    if (file !== undefined) {
      const path = join(next.path, file.name);
      return access(path, constants.R_OK).then(
        () => path,
        () => null,
      );
    }
    const folders = entries.filter((entry) => entry.isDirectory() && next.depth < MAX_DEPTH).map(({ name }) => name);
    // The last one in the order of names is looked into first: dates rise.
    open.push(...folders.sort().map((name) => ({ path: join(next.path, name), depth: next.depth + 1 })));
  }
  return null;
}
