// Starts a keeper process that outlives us, and waits until it can be spoken to.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../lib/operational-error.ts';
import { ATTEMPT_VARIABLE, STATE_VARIABLE } from '../../os/proc-table.ts';
import { readEnviron } from '../../os/proc.ts';
import type { KeeperLock } from '../../os/wire.ts';
import { keeperRoot, newKeeperId, readLock, type KeeperFolder } from './folders.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';

const READY_MS = 20_000;
const READY_LOOK_MS = 5;
/** Small young generation and no helper threads: each fork copies the page tables of all that memory. */
const SMALL = ['--max-semi-space-size=1', '--single-threaded', '--disable-warning=ExperimentalWarning'];

/** Starts a keeper below `stateDir`; fails as `keeper.did_not_start`. */
export async function launchKeeper(input: {
  readonly stateDir: string;
  readonly stateId: string;
  readonly version: string;
}): Promise<KeeperFolder & { readonly lock: KeeperLock }> {
  const id = newKeeperId();
  const folder = join(keeperRoot(input.stateDir), id);
  mkdirSync(folder, { mode: 0o700 });
  const log = openSync(join(folder, 'log'), 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [...SMALL, entryPath(), folder, id, input.stateId, input.version],
      // Its own session: a Ctrl-C on our terminal is not for it. A short environment: it has no use for our secrets.
      { cwd: '/', env: keeperEnv(), detached: true, stdio: ['ignore', log, log] },
    );
    child.unref();
    return { id, folder, lock: await ready(child, folder) };
  } catch (error) {
    const said = readFileSync(join(folder, 'log'), 'utf8').trim().slice(-2000);
    rmSync(folder, { recursive: true, force: true });
    throw new OperationalError('keeper.did_not_start', `the keeper did not start: ${said || String(error)}`, error);
  } finally {
    closeSync(log);
  }
}

async function ready(child: ChildProcess, folder: string): Promise<KeeperLock> {
  let ended: string | null = null;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? code}`;
  });
  for (let waited = 0; waited < READY_MS; waited += READY_LOOK_MS) {
    const lock = readLock(folder);
    if (lock !== null) {
      return lock;
    }
    if (ended !== null) {
      throw new Error(ended);
    }
    await delay(READY_LOOK_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`it was not ready after ${READY_MS / 1000} s`);
}

function entryPath(): string {
  const self = import.meta.filename;
  return join(dirname(self), '..', '..', 'keeper', `main${extname(self)}`);
}

function keeperEnv(): Record<string, string> {
  const cache = getCompileCacheDir();
  return {
    ...ownMarkers(),
    PATH: SYSTEM_PATH,
    TMPDIR: tmpdir(),
    // Node appends a folder for its version: the parent is what has to be named.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
  };
}

/** A factory may itself be an agent's child: its keeper then carries the agent's markers, so that it ends with the agent. */
function ownMarkers(): Record<string, string> {
  const markers = [ATTEMPT_VARIABLE, STATE_VARIABLE];
  const entries = (readEnviron(process.pid) ?? []).map((entry) => entry.split(/=(.*)/s, 2) as [string, string]);
  return Object.fromEntries(entries.filter(([name]) => markers.includes(name)));
}
