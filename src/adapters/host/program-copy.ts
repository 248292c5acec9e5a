// Copies a version of the program to where the service runs it from.

import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { OperationalError } from '../../lib/operational-error.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';
import { runProgram } from '../program.ts';

/** A disk may have much to write for others. */
const SYNC_TIMEOUT_MS = 120_000;
/** Parts of the program's folder that are not the program. */
const NOT_PROGRAM = new Set(['.git', '.adf', 'test', '.ci', 'node_modules/.cache', 'node_modules/.bin']);

/** Where its code is, and the list of its packages. */
const PROGRAM_PARTS = ['package.json', 'bin', 'dist', 'src', 'migrations'] as const;

/**
 * Copies the program at `from` to `path`, whole or not at all: beside its place, and renamed. A version that is there is never
 * touched: agents may run from it. Errors: `install.failed`.
 */
export async function copyProgram(from: string, path: string): Promise<'changed' | 'already'> {
  if (existsSync(path)) {
    if (realpathSync(from) !== realpathSync(path) && !isSameProgram(from, path)) {
      throw new OperationalError(
        'install.failed',
        `${path} holds another build of this version, from which agents may still run: give the new one a version of its own ("version" in ${join(from, 'package.json')}), then the same again`,
      );
    }
    return 'already';
  }
  const fresh = `${path}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const development = developmentPackages(from);
  cpSync(from, fresh, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => {
      const name = relative(from, source);
      return !NOT_PROGRAM.has(name) && !development.has(name);
    },
  });
  // After a loss of power the name must not be there without what it names.
  const synced = await runProgram({
    argv: ['sync', '--file-system', fresh],
    env: { PATH: SYSTEM_PATH },
    timeoutMs: SYNC_TIMEOUT_MS,
  });
  if (synced.code !== 0) {
    throw new OperationalError(
      'install.failed',
      `${fresh} is not safe on its disk: ${synced.failure ?? synced.stderr}`,
    );
  }
  renameSync(fresh, path);
  return 'changed';
}

/** Whether the code at `one` and `other` is the same; their packages are, where their lists of them are. */
function isSameProgram(one: string, other: string): boolean {
  return PROGRAM_PARTS.every((part) => {
    const [here, there] = [one, other].map((root) => filesBelow(root, part));
    return here?.join() === there?.join() && here?.every((name) => isSameFile(join(one, name), join(other, name)));
  });
}

/** Names below `root`, in order; `part` itself where that is a file. */
function filesBelow(root: string, part: string): readonly string[] {
  const found = statSync(join(root, part), { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    return found === undefined ? [] : [part];
  }
  return readdirSync(join(root, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

function isSameFile(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

/** Packages that only the project's own developers need, by the lock file; none where there is no such file. */
function developmentPackages(root: string): ReadonlySet<string> {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) {
    return new Set();
  }
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  const unneeded = Object.entries(packages).filter(([, { dev, devOptional }]) => dev === true || devOptional === true);
  return new Set(unneeded.map(([path]) => path));
}
