// A machine as a newcomer has it: a PATH with the few programs that README asks for, and nothing of the developer but the home with its caches.

import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The checkout that these tests stand in. */
export const REPOSITORY = realpathSync(join(import.meta.dirname, '../..'));
const LOOK_EVERY_MS = 250;
/** After an interrupt; a drain takes 15 s in the foreground. */
const LEAVE_MS = 30_000;
/** What comes with the registry's address and cache; nothing else of the developer's environment is given. */
const PASSED = ['HOME', 'LANG', 'npm_config_registry', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];

/** Programs named in README; nothing else is on PATH. */
const PROGRAMS = ['npm', 'npx', 'sh', 'env', 'git'];

/** How a command ended. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
}

/** The Nodes to try: the one of this machine, whatever it is, and the one that npm installs with the project. */
export function nodes(): readonly (readonly [string, string])[] {
  const ours = join(REPOSITORY, 'node_modules/.bin/node');
  return [
    ['the Node of this machine', onPath('node')],
    ['Node 24', realpathSync(ours)],
  ];
}

/** A temporary folder with its own `bin`, and commands run in it. */
export class FreshMachine implements AsyncDisposable {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'adf-fresh-')));
  readonly env: Record<string, string>;
  readonly #started: ChildProcess[] = [];

  constructor(node: string) {
    const bin = join(this.dir, 'bin');
    mkdirSync(bin);
    symlinkSync(node, join(bin, 'node'));
    for (const program of PROGRAMS) {
      symlinkSync(realpathSync(onPath(program)), join(bin, program));
    }
    this.env = { PATH: bin, ...passed() };
  }

  /** The repository as it is committed, cloned into `dir/name`. */
  clone(name: string): string {
    const target = join(this.dir, name);
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', REPOSITORY, target]);
    execFileSync('git', ['-C', target, 'config', 'user.name', 'Ada']);
    execFileSync('git', ['-C', target, 'config', 'user.email', 'ada@example.org']);
    return target;
  }

  /** Runs a line of README in `cwd` to its end. */
  say(line: string, cwd: string): Said {
    const end = spawnSync('sh', ['-c', line], {
      cwd,
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { code: end.status, out: `${end.stdout}${end.stderr}` };
  }

  /** Starts a line of README as a terminal would: a process group of its own, its output in `log`. */
  start(line: string, cwd: string, log: string): ChildProcess {
    const file = openSync(log, 'a');
    const child = spawn('sh', ['-c', line], { cwd, env: this.env, detached: true, stdio: ['ignore', file, file] });
    closeSync(file);
    this.#started.push(child);
    return child;
  }

  /** Command lines of the processes that stand in this machine's folder. */
  processes(): readonly string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const line = commandLine(pid);
        return line.includes(`${this.dir}/`) ? [`${pid} ${line}`] : [];
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) {
      signalGroup(child, 'SIGINT');
    }
    try {
      await until('all processes are gone', LEAVE_MS, () => (this.processes().length === 0 ? true : null));
    } finally {
      for (const line of this.processes()) {
        spawnSync('kill', ['-9', String(Number.parseInt(line, 10))]);
      }
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Sends what a terminal sends on Ctrl-C: the signal goes to every process of the group. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    process.kill(-child.pid, signal);
  }
}

/** Looks until `ask` answers something; says what was waited for when `withinMs` are over. */
export async function until<T>(what: string, withinMs: number, ask: () => T | null): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = ask();
    if (answer !== null) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** The text of a file, '' while there is none. */
export function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** `program` as PATH has it, without what npm put before it. */
function onPath(program: string): string {
  const folder = (process.env['PATH'] ?? '')
    .split(delimiter)
    .find((one) => !one.includes('node_modules') && existsSync(join(one, program)));
  if (folder === undefined) {
    throw new Error(`this test needs ${program} on PATH`);
  }
  return join(folder, program);
}

function passed(): Record<string, string> {
  return Object.fromEntries(
    PASSED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch (error) {
    if (error instanceof Error) {
      return '';
    }
    throw error;
  }
}
