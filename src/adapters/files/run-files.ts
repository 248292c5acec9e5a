// Output and input files of attempts, flat in the state directory.

import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { chmod, mkdir, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttemptId } from '../../core/ids.ts';
import { findBelow } from './find-below.ts';
import { filesPrint, inputsPrint } from './inputs-print.ts';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import type { RunFiles } from '../../ports/run-files.ts';
import { runProgram } from '../program.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';

/** Largest task file, persona or skill that is taken. */
const MAX_TEXT_BYTES = 1024 * 1024;
const INSTALL_TIMEOUT_MS = 10_000;
const CURE = 'adf install makes workspace_dir and lets the service write there';

/** The files under `stateDir`: `out/` for output, and `input`, else `in/`, for prompts and scripts (0700). */
export function runFiles(stateDir: string, input: string = join(stateDir, 'in')): RunFiles {
  const out = join(stateDir, 'out');
  mkdirSync(out, { recursive: true, mode: 0o700 });
  mkdirSync(input, { recursive: true, mode: 0o700 });
  return {
    outPath: (attempt, stream) => join(out, `${attempt}.${stream}`),
    inputPath: (attempt) => join(input, attempt),
    writeInputs: async (files) => {
      for (const file of files) {
        // One that an earlier try left may be the attempt's user's by now, which not every root can write.
        await rm(file.path, { force: true });
        await writeFile(file.path, file.text, { mode: 0o600 }).catch((error: unknown) => {
          throw isFull(error) ? new OperationalError('storage', `no room for ${file.path}`, error) : error;
        });
      }
    },
    removeInputs: async (attempt) => {
      // By their names: an earlier daemon may have written them. In place, as below: the folder holds those of live attempts.
      for (const name of namesIn(input).filter((each) => attemptOf(each) === attempt)) {
        rmSync(join(input, name), { force: true });
      }
      return Promise.resolve();
    },
    sweepInputs: async (open) => {
      for (const name of await readdir(input)) {
        if (!open.has(attemptOf(name))) {
          await rm(join(input, name), { force: true });
        }
      }
    },
    sweepOutputs: async (before, open) => sweepOutputs(out, before, open),
    size: async (path) => {
      // In place: it takes 2 µs here, and 30 of processor time by way of the thread pool; asked for each run and each look.
      const found = statSync(path, { throwIfNoEntry: false });
      return Promise.resolve(found?.size ?? 0);
    },
    read,
    cover,
    findBelow,
    readText,
    filesPrint,
    inputsPrint,
    makeHome,
  };
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(String((error as NodeJS.ErrnoException).code));
}

/** `r7m1.1` or `r7m1.1.script`: the attempt is what stands before the second dot. */
function attemptOf(name: string): AttemptId {
  return name.split('.').slice(0, 2).join('.') as AttemptId;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    absent(error);
    return [];
  }
}

async function sweepOutputs(folder: string, before: number, open: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = open.has(attemptOf(name)) ? null : await stat(path).catch((error: unknown) => absent(error));
    if (found !== null && found.mtimeMs < before) {
      await rm(path, { force: true });
    }
  }
}

async function read(path: string, from: number, limit: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => absent(error));
  if (file === null) {
    return new Uint8Array();
  }
  try {
    const buffer = new Uint8Array(limit);
    const { bytesRead } = await file.read(buffer, 0, limit, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function cover(
  path: string,
  covers: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): Promise<void> {
  const file = covers.length === 0 ? null : await open(path, 'r+').catch((error: unknown) => absent(error));
  try {
    for (const { at, bytes } of covers) {
      await file?.write(bytes, 0, bytes.length, at);
    }
  } finally {
    await file?.close();
  }
}

/** Only root can give a folder away; `install` (coreutils) makes it and does so in one go. Nobody else can replace it there. */
async function makeHome(path: string, user: string | null): Promise<void> {
  try {
    if ((await mkdir(dirname(path), { recursive: true, mode: 0o711 })) !== undefined) {
      // Whatever our umask is: its user must pass.
      await chmod(dirname(path), 0o711);
    }
    if (user === null) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      return;
    }
  } catch (error) {
    throw new OperationalError('workspace', `${path} cannot be made: ${messageOf(error)}; ${CURE}`, error);
  }
  const argv: [string, ...string[]] = ['install', '-d', '-m', '0700', '-o', user, '--', path];
  const made = await runProgram({ argv, env: { PATH: SYSTEM_PATH }, timeoutMs: INSTALL_TIMEOUT_MS });
  if (made.code !== 0) {
    throw new OperationalError(
      'workspace',
      `${path} cannot be made for ${user}: ${made.failure ?? made.stderr}; ${CURE}`,
    );
  }
}

async function readText(path: string, key: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.size > MAX_TEXT_BYTES) {
      throw new OperationalError(key, `${key} ${path} has ${found.size} bytes, limit ${MAX_TEXT_BYTES}`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    throw error instanceof OperationalError
      ? error
      : new OperationalError(key, `${key} ${path} cannot be read: ${messageOf(error)}`, error);
  }
}

function absent(error: unknown): null {
  if ((error as { readonly code?: unknown }).code === 'ENOENT') {
    return null;
  }
  throw error;
}
