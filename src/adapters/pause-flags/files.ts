// Pause flags on a file system: link() into place, lstat for every look, unlink only what is still the same file.

import { randomUUID } from 'node:crypto';
import { constants, closeSync, lstatSync, mkdirSync, openSync, opendirSync, readSync, statSync } from 'node:fs';
import { link, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { FLAG_READ_BYTES, incidentOf } from '../../core/pause/flag.ts';
import type { FlagStat } from '../../core/pause/flag.ts';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  FlagDraft,
  FlagListing,
  FlagNotifier,
  FlagToRemove,
  FlagTouch,
  PauseFlags,
} from '../../ports/pause-flags.ts';
import { FolderNotifier } from './watch.ts';

/** Names read from pause_dir; more files than this are no flags. */
const LISTED_NAMES = 10_000;

/** A temporary file older than this was left by a crash. */
const STALE_TEMP_MS = 60_000;

const TEMP_PREFIX = '.adf-flag-';

const SILENT: FlagNotifier = { follow: () => undefined, stop: () => undefined };

/** The flags in `dir` (absolute). Without `fileWatching` nobody is woken. */
export function fileFlags(input: {
  readonly dir: string;
  readonly clock: Clock;
  readonly fileWatching: boolean;
}): PauseFlags {
  const { dir } = input;
  return {
    dir,
    path: (name) => path.join(dir, name),
    prepare: () => prepare(dir),
    stat: (name) => look(dir, name),
    names: () => list(dir),
    touchPauseFlag: (draft) => touch(dir, draft, input.clock.now()),
    removePauseFlag: (name, meant) => remove(dir, name, meant),
    watch: (wake) => (input.fileWatching ? new FolderNotifier(dir, wake) : SILENT),
  };
}

function prepare(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new OperationalError('flag.dir', `pause_dir ${dir} cannot be made: ${messageOf(error)}`, error);
  }
}

function look(dir: string, name: string): FlagStat {
  if (!isFileName(name)) {
    return { kind: 'unknown', message: `${JSON.stringify(name)} is no name of a flag` };
  }
  const flag = path.join(dir, name);
  try {
    const stat = lstatSync(flag, { bigint: true, throwIfNoEntry: false });
    if (stat !== undefined) {
      const text = stat.isFile() ? readHead(flag) : null;
      return { kind: 'present', path: flag, mtimeNs: String(stat.mtimeNs), text };
    }
    // A flag that is not there lifts a pause, so the folder has to be there to say so.
    return statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true
      ? { kind: 'absent' }
      : { kind: 'unknown', message: `pause_dir ${dir} is not there: mkdir -p it, or correct pause_dir` };
  } catch (error) {
    return { kind: 'unknown', message: `pause_dir ${dir} cannot be looked into: ${messageOf(error)}` };
  }
}

// Not following links and not blocking: between lstat and open the file may have become a FIFO.
function readHead(flag: string): string | null {
  let file: number;
  try {
    file = openSync(flag, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null; // Its existence is the signal; a text that cannot be read is nobody's signature.
  }
  try {
    const buffer = Buffer.alloc(FLAG_READ_BYTES);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, FLAG_READ_BYTES, 0));
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

function list(dir: string): FlagListing {
  try {
    const folder = opendirSync(dir);
    try {
      const names: string[] = [];
      for (let entry = folder.readSync(); entry !== null && names.length < LISTED_NAMES; entry = folder.readSync()) {
        names.push(entry.name);
      }
      return { kind: 'read', names };
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    return { kind: 'unknown', message: `pause_dir ${dir} cannot be listed: ${messageOf(error)}` };
  }
}

async function touch(dir: string, draft: FlagDraft, now: number): Promise<FlagTouch> {
  try {
    if (!isFileName(draft.name)) {
      throw new Error(`${JSON.stringify(draft.name)} is no name of a flag`);
    }
    await mkdir(dir, { recursive: true });
    await sweep(dir, now);
    return await place(dir, draft);
  } catch (error) {
    throw new OperationalError(
      'flag.write',
      `pause flag ${path.join(dir, draft.name)} cannot be written: ${messageOf(error)}`,
      error,
    );
  }
}

async function place(dir: string, draft: FlagDraft): Promise<FlagTouch> {
  const flag = path.join(dir, draft.name);
  const temp = path.join(dir, `${TEMP_PREFIX}${randomUUID()}`);
  const mtimeNs = await writeTemp(temp, draft);
  try {
    await link(temp, flag);
    return { kind: 'written', path: flag, mtimeNs, existed: false };
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw error;
    }
    const there = look(dir, draft.name);
    if (there.kind !== 'present') {
      throw error; // Gone again in this moment; the next try finds out.
    }
    const ours = draft.own !== null && there.mtimeNs === mtimeNs && incidentOf(there.text) === draft.own.incident;
    return ours
      ? { kind: 'written', path: flag, mtimeNs, existed: true }
      : { kind: 'foreign', path: flag, mtimeNs: there.mtimeNs };
  } finally {
    await unlinkIfThere(temp);
    await syncFolder(dir);
  }
}

async function writeTemp(temp: string, draft: FlagDraft): Promise<string> {
  const file = await open(temp, 'wx', 0o644);
  try {
    await file.writeFile(draft.text);
    if (draft.own !== null) {
      // The same stamp gives the same mtime each time: a write whose answer was lost recognises its own flag.
      await file.utimes(draft.own.stampAt / 1000, draft.own.stampAt / 1000);
    }
    await file.sync();
    return String((await file.stat({ bigint: true })).mtimeNs);
  } finally {
    await file.close();
  }
}

async function remove(dir: string, name: string, meant: FlagToRemove): Promise<'removed' | 'absent' | 'not_ours'> {
  try {
    const there = look(dir, name);
    if (there.kind === 'unknown') {
      throw new Error(there.message);
    }
    if (there.kind === 'absent') {
      return 'absent';
    }
    const same =
      meant === 'any' ||
      (there.mtimeNs === meant.mtimeNs && (meant.incident === null || incidentOf(there.text) === meant.incident));
    if (!same) {
      return 'not_ours';
    }
    const removed = await unlinkIfThere(there.path);
    await syncFolder(dir);
    return removed ? 'removed' : 'absent';
  } catch (error) {
    throw new OperationalError(
      'flag.remove',
      `pause flag ${path.join(dir, name)} cannot be removed: ${messageOf(error)}`,
      error,
    );
  }
}

async function sweep(dir: string, now: number): Promise<void> {
  const temps = (await readdir(dir)).filter((name) => name.startsWith(TEMP_PREFIX));
  for (const temp of temps) {
    const file = path.join(dir, temp);
    const stat = await lstat(file).catch(() => null);
    // By ctime: the mtime is the stamp of the trip.
    if (stat !== null && now - stat.ctimeMs > STALE_TEMP_MS) {
      await unlinkIfThere(file);
    }
  }
}

async function unlinkIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

// Ids are checked when agents.toml is read; this is the last door before a path is made of one.
function isFileName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\0]/.test(name);
}
