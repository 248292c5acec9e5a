// Carries out the steps of an installation; what is done already is left alone, so that the same again changes nothing.

import {
  chmodSync,
  chownSync,
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
import { dirname } from 'node:path';
import type { Step } from '../../core/install/steps.ts';
import { messageOf, OperationalError } from '../../lib/operational-error.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { writeWhole } from '../../os/whole-file.ts';
import { runProgram, type ProgramResult } from '../program.ts';
import { makePrivateFolder } from './private-folder.ts';
import { copyProgram } from './program-copy.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';

const COMMAND_TIMEOUT_MS = 120_000;
/** What a step came to. */
export type StepEnd = 'changed' | 'already';

/** Carries out `steps` in order; `told` hears of each. Errors: `install.failed` names the step; those before it stay done. */
export async function carryOut(steps: readonly Step[], told: (step: Step, end: StepEnd) => void): Promise<void> {
  let changed = false;
  for (const step of steps) {
    if (step.kind !== 'command' || isDue(step, changed)) {
      const end = await carryOutOne(step);
      changed ||= end === 'changed';
      told(step, end);
    } else {
      told(step, 'already');
    }
  }
}

function isDue({ ifChanged, ifThere }: Extract<Step, { kind: 'command' }>, changed: boolean): boolean {
  return (!ifChanged || changed) && (ifThere === undefined || existsSync(ifThere));
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
  return runProgram({ argv, env: { PATH: SYSTEM_PATH }, timeoutMs: COMMAND_TIMEOUT_MS });
}
