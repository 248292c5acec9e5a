// Carries out the steps of an installation; what is done already is left alone, so that the same again changes nothing.

import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Step } from '../../core/install/steps.ts';
import { messageOf, OperationalError } from '../../lib/operational-error.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { writeWhole } from '../../os/whole-file.ts';
import { runProgram, type ProgramResult } from '../program.ts';
import { makePrivateFolder } from './private-folder.ts';

const COMMAND_TIMEOUT_MS = 120_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Parts of the program's folder that are not the program. */
const NOT_PROGRAM = new Set(['.git', '.adf', 'test', '.ci', 'node_modules/.cache', 'node_modules/.bin']);

/** What a step came to. */
export type StepEnd = 'changed' | 'already';

/** Carries out `steps` in order; `told` hears of each. Errors: `install.failed` names the step; those before it stay done. */
export async function carryOut(steps: readonly Step[], told: (step: Step, end: StepEnd) => void): Promise<void> {
  let changed = false;
  for (const step of steps) {
    if (step.kind !== 'command' || !step.ifChanged || changed) {
      const end = await carryOutOne(step);
      changed ||= end === 'changed';
      told(step, end);
    } else {
      told(step, 'already');
    }
  }
}

async function carryOutOne(step: Step): Promise<StepEnd> {
  switch (step.kind) {
    case 'group':
      return makeAccount(['getent', 'group', step.name], ['groupadd', '--system', step.name]);
    case 'user':
      return makeAccount(
        ['getent', 'passwd', step.name],
        ['useradd', '--system', '--create-home', '--home-dir', step.home, '--shell', '/usr/sbin/nologin', step.name],
      );
    case 'folder':
      return makeFolder(step);
    case 'private_folder':
      return makePrivateFolder(step);
    case 'file':
      return writeFile(step);
    case 'program':
      return copyProgram(step.from, step.path);
    case 'link':
      return makeLink(step.path, step.target);
    case 'absent':
      return removeFile(step.path);
    case 'no_empty_folder':
      return removeEmptyFolder(step.path);
    case 'command':
      await command(step.argv);
      return 'changed';
    default:
      return unreachable(step);
  }
}

async function makeAccount(
  ask: readonly [string, ...string[]],
  make: readonly [string, ...string[]],
): Promise<StepEnd> {
  if ((await run(ask)).code === 0) {
    return 'already';
  }
  await command(make);
  return 'changed';
}

async function makeFolder(step: Extract<Step, { kind: 'folder' }>): Promise<StepEnd> {
  const { path, mode, group } = step;
  const wanted = group === null ? 0 : await groupId(group);
  const found = statSync(path, { throwIfNoEntry: false });
  if (
    found !== undefined &&
    (found.mode & 0o7777) === mode &&
    found.uid === 0 &&
    (group === null || found.gid === wanted)
  ) {
    return 'already';
  }
  mkdirSync(path, { recursive: true });
  chownSync(path, 0, wanted);
  chmodSync(path, mode);
  return 'changed';
}

async function groupId(name: string): Promise<number> {
  const { stdout } = await command(['getent', 'group', name]);
  return Number(stdout.split(':')[2]);
}

function writeFile({ path, text, mode, once }: Extract<Step, { kind: 'file' }>): StepEnd {
  const there = existsSync(path);
  if (there && (once || (readFileSync(path, 'utf8') === text && (statSync(path).mode & 0o777) === mode))) {
    return 'already';
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeWhole(path, text);
  chmodSync(path, mode);
  return 'changed';
}

/** Whole or not at all: copied beside its place, and renamed. A version that is there is never touched: agents may run from it. */
function copyProgram(from: string, path: string): StepEnd {
  if (existsSync(path)) {
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
  renameSync(fresh, path);
  return 'changed';
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

function makeLink(path: string, target: string): StepEnd {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true && readlinkSync(path) === target) {
    return 'already';
  }
  if (found !== undefined && !found.isSymbolicLink()) {
    throw new OperationalError('install.failed', `${path} is there and is no link of ours: move it away`);
  }
  mkdirSync(dirname(path), { recursive: true });
  rmSync(`${path}.new`, { force: true });
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
  return 'changed';
}

function removeFile(path: string): StepEnd {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    return 'already';
  }
  rmSync(path);
  return 'changed';
}

function removeEmptyFolder(path: string): StepEnd {
  try {
    rmdirSync(path);
    return 'changed';
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code)) {
      return 'already';
    }
    throw new OperationalError('install.failed', `${path} cannot be removed: ${messageOf(error)}`, error);
  }
}

async function command(argv: readonly [string, ...string[]]): Promise<ProgramResult> {
  const result = await run(argv);
  if (result.code !== 0) {
    const said = result.failure ?? `exit ${result.code}: ${result.stderr}`;
    throw new OperationalError('install.failed', `${argv.join(' ')}: ${said}`);
  }
  return result;
}

async function run(argv: readonly [string, ...string[]]): Promise<ProgramResult> {
  return runProgram({ argv, env: { PATH }, timeoutMs: COMMAND_TIMEOUT_MS });
}
