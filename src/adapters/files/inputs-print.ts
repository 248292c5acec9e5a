// Tells whether what an agent works on is another one than before, by looking at names and times, never at contents.

import { readFile, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Entries of a folder that are looked at. */
const MAX_ENTRIES = 2000;
/** Names that the agent itself, or its CLI, writes to without that being work. */
const OWN = /^\./;

/** Another text once one of `texts` (files), the commit of `folder` or an entry of it (but hidden ones) is another one; never throws. */
export async function inputsPrint(texts: readonly string[], folder: string): Promise<string> {
  const [told, commit, entries] = await Promise.all([filesPrint(texts), commitOf(folder), entriesOf(folder)]);
  return [told, commit, ...entries].join('\n');
}

/** Another text once one of `paths` is another file, or comes or goes; never throws. */
export async function filesPrint(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(timesOf))).join('\n');
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const shown = names
    .filter((name) => !OWN.test(name))
    .sort()
    .slice(0, MAX_ENTRIES);
  return Promise.all(shown.map(async (name) => `${name} ${await timesOf(join(folder, name))}`));
}

/** The log of HEAD grows with each commit, checkout and pull; a work tree has its own, in the folder that its `.git` names. */
async function commitOf(folder: string): Promise<string> {
  const git = join(folder, '.git');
  const link = await readFile(git, 'utf8').catch(() => null);
  const place = link === null ? git : resolve(folder, link.replace(/^gitdir:\s*/, '').trim());
  return `${await timesOf(join(place, 'HEAD'))} ${await timesOf(join(place, 'logs', 'HEAD'))}`;
}

async function timesOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? '-' : `${found.mtimeMs} ${found.size}`;
}
