// Asks a service manager, the machine's or a user's, by its own programs.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../lib/operational-error.ts';
import { controllersOf, isWritable } from '../../os/cgroup-limits.ts';
import { cgroupMount } from '../../os/cgroup.ts';
import { runProgram, type ProgramResult } from '../program.ts';
import { AGENTS_SLICE } from './unit-properties.ts';

/** Longer than any start of a unit may take (its own TimeoutStartSec ends it before). */
const START_TIMEOUT_MS = 90_000;
const ASK_TIMEOUT_MS = 30_000;
/** More than the manager writes of one start that fails. */
const JOURNAL_LINES = 20;
/** Variables by which the programs find their manager; nothing else of our environment is given to them. */
const PASSED = ['PATH', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'] as const;

/** Whose manager: that of the machine (asked as root), or that of the user we are. */
export type ManagerKind = 'system' | 'user';

/** How a unit stands; `MainPID` 0: no process. `active` is `unknown` while the manager does not answer. */
export interface UnitState {
  readonly active: string;
  readonly pid: number;
}

/** One service manager. */
export class ServiceManager {
  readonly kind: ManagerKind;
  /** Where the cgroup v2 tree is mounted. */
  readonly mount: string;
  readonly #scope: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #group: string | null = null;

  /** `mount`: where the cgroup v2 tree is. Errors: `systemd.cgroup` where there is none. */
  constructor(kind: ManagerKind, environment: Readonly<Record<string, string>>, mount: string | null = cgroupMount()) {
    if (mount === null) {
      throw new OperationalError(
        'systemd.cgroup',
        'host = "systemd" needs a cgroup v2 tree, and none is mounted here: use host = "keeper"',
      );
    }
    this.kind = kind;
    this.mount = mount;
    this.#scope = kind === 'user' ? ['--user'] : [];
    this.#env = Object.fromEntries(
      PASSED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    );
  }

  /** Starts a transient unit and waits until its program was executed, or could not be. */
  async run(args: readonly string[]): Promise<ProgramResult> {
    return this.#program(['systemd-run', ...this.#scope, ...args], START_TIMEOUT_MS);
  }

  /** The units that match `pattern` and are not at rest. */
  async units(pattern: string): Promise<readonly string[]> {
    const { stdout } = await this.#ask(['list-units', '--plain', '--no-legend', '--full', '--no-pager', pattern]);
    return stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  }

  /** How `unit` stands; `inactive` also when there is none. Nobody is told of a manager that does not answer: it is asked again. */
  async state(unit: string): Promise<UnitState> {
    const fields = await this.#show(['ActiveState', 'MainPID'], unit).catch(unlessUnreachable);
    if (fields === null) {
      return { active: 'unknown', pid: 0 };
    }
    return { active: fields['ActiveState'] ?? 'inactive', pid: Number(fields['MainPID'] ?? 0) };
  }

  /** What it wrote down of `unit` last; empty where we may not read that. */
  async journal(unit: string): Promise<string> {
    const of = this.kind === 'user' ? '--user-unit' : '--unit';
    const how = ['--quiet', '--no-pager', '--output=cat', `--lines=${JOURNAL_LINES}`, `${of}=${unit}`];
    return (await this.#program(['journalctl', ...how], ASK_TIMEOUT_MS)).stdout;
  }

  /** Kills everything in `unit`, what the manager runs for it too. */
  async kill(unit: string): Promise<void> {
    await this.#program(['systemctl', ...this.#scope, 'kill', '--signal=KILL', unit], ASK_TIMEOUT_MS);
  }

  /**
   * Controllers that hold limits of a unit in our slice now; none where a user's manager may not put a unit there: PID 1
   * may always. Errors: `systemd.unreachable`.
   */
  async controllers(): Promise<ReadonlySet<string>> {
    this.#group ??= (await this.#show(['ControlGroup']))['ControlGroup'] ?? '';
    const held = new Set(controllersOf(join(this.mount, this.#group)));
    const { stdout } = await this.#ask([
      'show',
      '--property=DisableControllers,ControlGroup',
      AGENTS_SLICE,
      ...parentsOf(AGENTS_SLICE),
    ]);
    const said = (name: string): string[] =>
      stdout.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? line.slice(name.length + 1) : []));
    said('DisableControllers')
      .flatMap((names) => names.split(' '))
      .forEach((name) => held.delete(name));
    const groups = [this.#group, ...said('ControlGroup').filter((group) => group !== '')];
    return this.kind === 'system' || groups.every((group) => this.#isOpen(group)) ? held : new Set();
  }

  /** Whether our user may put processes into `group`, and groups below it; one that is not there is made by its manager. */
  #isOpen(group: string): boolean {
    const folder = join(this.mount, group);
    return !existsSync(folder) || (isWritable(folder) && isWritable(join(folder, 'cgroup.procs')));
  }

  async #show(properties: readonly string[], unit?: string): Promise<Partial<Record<string, string>>> {
    const { stdout } = await this.#ask([
      'show',
      `--property=${properties.join(',')}`,
      ...(unit === undefined ? [] : [unit]),
    ]);
    return Object.fromEntries(
      stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  }

  async #ask(args: readonly [string, ...string[]]): Promise<ProgramResult> {
    const result = await this.#program(['systemctl', ...this.#scope, ...args], ASK_TIMEOUT_MS);
    if (result.failure !== null || result.code !== 0) {
      const said = result.failure ?? `exit ${result.code}: ${result.stderr}`;
      throw new OperationalError(
        'systemd.unreachable',
        `the ${this.kind} manager does not answer (systemctl ${args[0]}): ${said}`,
      );
    }
    return result;
  }

  async #program(argv: readonly [string, ...string[]], timeoutMs: number): Promise<ProgramResult> {
    return runProgram({ argv, env: this.#env, timeoutMs });
  }
}

function unlessUnreachable(error: unknown): null {
  if (error instanceof OperationalError && error.code === 'systemd.unreachable') {
    return null;
  }
  throw error;
}

/** A slice lies in the one that its name says: `a-b.slice` in `a.slice`. */
function parentsOf(slice: string): string[] {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`);
}
