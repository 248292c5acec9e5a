// The notes in which the dead-man left what nobody could be told while the daemon was silent.

import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSilence } from '../../core/watch/silence.ts';
import type { SilenceNotes } from '../../ports/silence-notes.ts';

/** Notes taken at one look; the rest waits for the next. */
const NOTES_PER_LOOK = 20;

/** The notes in `folder`, which may not be there. */
export function silenceNotes(folder: string): SilenceNotes {
  return {
    list: async () => {
      const names = (await readdir(folder).catch(absent)).toSorted().slice(0, NOTES_PER_LOOK);
      const found = await Promise.all(
        names.map(async (name) => parseSilence(name, await readFile(join(folder, name), 'utf8'))),
      );
      return found.filter((silence) => silence !== null);
    },
    remove: async ({ since }) => rm(join(folder, String(since / 1000)), { force: true }),
  };
}

function absent(error: unknown): string[] {
  if ((error as { readonly code?: unknown }).code === 'ENOENT') {
    return [];
  }
  throw error;
}
