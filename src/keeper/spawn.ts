// Starts one attempt: looks a last time, opens its files, forks. Everything up to the fork happens in one turn.

import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { BUBBLEWRAP } from '../os/bubblewrap.ts';
import { presentFlag } from '../os/present-flag.ts';
import { ATTEMPT_VARIABLE, STATE_VARIABLE } from '../os/proc-table.ts';
import { wrapperArgs } from '../os/start-wrapper.ts';
import type { StartNo, StartOrder } from '../os/wire.ts';
import { processorNetSeconds } from '../os/processor-net.ts';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** What the keeper adds to an order. */
export interface SpawnPlace {
  readonly stateId: string;
  readonly leaf: string | null;
  readonly proofPath: string;
}

/** The child, whose pid is known unless the fork failed (then its `error` follows), or why nothing was tried. */
export function spawnAttempt(order: StartOrder, place: SpawnPlace): ChildProcess | StartNo {
  const wrong = directoryProblem(order.cwd) ?? programProblem(order);
  if (wrong !== null) {
    return wrong;
  }
  const files: number[] = [];
  try {
    files.push(openSync(order.stdin ?? '/dev/null', 'r'));
    files.push(openSync(order.out, 'a', 0o600));
    files.push(order.err === null ? (files[1] ?? 1) : openSync(order.err, 'a', 0o600));
    const cpuSeconds = processorNetSeconds(order.nets.cpuMs);
    const args = wrapperArgs({ leaf: place.leaf, proofPath: place.proofPath, cpuSeconds }, order.argv);
    const env = { ...order.env, [ATTEMPT_VARIABLE]: order.id, [STATE_VARIABLE]: place.stateId };
    const flag = presentFlag(order.flags);
    return flag === null
      ? spawn('/bin/sh', args, { cwd: order.cwd, env, stdio: [...files], detached: true })
      : { kind: 'paused', flag };
  } catch (error) {
    return { kind: 'unstarted', cause: 'host', message: (error as Error).message };
  } finally {
    new Set(files).forEach((fd) => closeSync(fd));
  }
}

function directoryProblem(cwd: string): StartNo | null {
  const message = `the working directory ${cwd} does not exist or cannot be entered`;
  return canUse(cwd, 'directory') ? null : { kind: 'unstarted', cause: 'directory', message };
}

/** Looks for the program as `exec` will: with a slash from the working directory, else along the attempt's own PATH. */
function programProblem({ argv, cwd, env }: StartOrder): StartNo | null {
  const [first = ''] = argv;
  // Bubblewrap would start, and tell nobody but its output that there is no program for it.
  const isCaged = basename(first) === BUBBLEWRAP && canUse(first, 'file');
  const program = isCaged ? (argv[argv.indexOf('--') + 1] ?? '') : first;
  const places = program.includes('/') ? [''] : (env['PATH'] ?? DEFAULT_PATH).split(delimiter);
  if (program !== '' && places.some((place) => canUse(resolve(cwd, join(place, program)), 'file'))) {
    return null;
  }
  const where = program.includes('/') ? '' : ` on PATH (${env['PATH'] ?? DEFAULT_PATH})`;
  return { kind: 'unstarted', cause: 'program', message: `no executable program ${program}${where}` };
}

function canUse(path: string, as: 'file' | 'directory'): boolean {
  try {
    accessSync(path, constants.X_OK);
    const found = statSync(path);
    return as === 'file' ? found.isFile() : found.isDirectory();
  } catch {
    return false;
  }
}
