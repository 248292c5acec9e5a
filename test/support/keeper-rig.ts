// A state directory with real keepers and real children, and the proof at the end that nothing of it is left.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createKeeperHost, type KeeperHostInput } from '../../src/adapters/keeper-client/host.ts';
import { Keeper } from '../../src/keeper/keeper.ts';
import { allPids, readEnviron, readStat, runs } from '../../src/os/proc.ts';
import { stateIdOf } from '../../src/os/state-id.ts';
import type { ExecutionHost, HostEvent, StartSpec } from '../../src/ports/execution-host.ts';
import { Daemon, specIn, type Known, type SpecWish } from './host-specs.ts';
import { PATIENCE_MS } from './told.ts';

/** One state directory. */
export class KeeperRig {
  readonly dir: string;
  readonly #hosts: ExecutionHost[] = [];
  readonly #stateId: string;
  #plainLock: string | null = null;

  constructor(parent = tmpdir()) {
    this.dir = mkdtempSync(join(parent, 'adf-rig-'));
    this.#stateId = stateIdOf(this.dir);
  }

  /** A new daemon; the ones before it are not closed: let go of them first, or pretend that they died. */
  daemon(known: Known & Pick<KeeperHostInput, 'speaks' | 'patienceMs'> = {}): Promise<Daemon> {
    const { cursors, held, ...manner } = known;
    const host = createKeeperHost({ stateDir: this.dir, version: 'test', ...manner });
    this.#hosts.push(host);
    return Daemon.connect(host, { cursors, held });
  }

  /** Holds attempts from here on in this very process, without cgroups: as on a machine where no leaf can be made. */
  async withoutCgroups(): Promise<void> {
    const folder = this.path('keeper/0-plain');
    const input = { folder, id: '0-plain', stateId: this.#stateId, version: 'test', leaves: false, idleMs: 1500 };
    new Keeper(input).listen();
    await waitFor(() => existsSync(join(folder, 'lock')));
    this.#plainLock = join(folder, 'lock');
  }

  /** A host whose events go to `tell` alone: for long series whose events nobody wants to keep. */
  async listen(tell: (event: HostEvent) => void): Promise<ExecutionHost> {
    const host = createKeeperHost({ stateDir: this.dir, version: 'test' });
    this.#hosts.push(host);
    await host.connect({ cursors: [], held: [] }, tell);
    return host;
  }

  /** A start of `argv` that nothing limits, unless wished otherwise. */
  spec(id: string, argv: StartSpec['argv'], wish: SpecWish = {}): StartSpec {
    return specIn(this.dir, { id, argv }, wish);
  }

  /** A start of a shell script. */
  shell(id: string, script: string, wish: SpecWish = {}): StartSpec {
    return this.spec(id, ['sh', '-c', script], wish);
  }

  /** A path in the state directory. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /** What an attempt printed. */
  output(id: string): string {
    return readFileSync(this.path(`${id}.out`), 'utf8');
  }

  /** Pids of the keepers alive. */
  keepers(): number[] {
    const keeper = new RegExp(`/keeper/main\\.[jt]s\0${this.dir}/keeper/`);
    return this.#marked((pid) => keeper.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
  }

  /** Pids of living processes that carry the marker of `id`. */
  tree(id: string): number[] {
    return this.#marked((pid) => readEnviron(pid)?.includes(`ADF_ATTEMPT=${id}`) === true && this.#isOurs(pid));
  }

  /** Pids of living processes of all attempts of this state directory. */
  agents(): number[] {
    return this.#marked((pid) => this.#isOurs(pid));
  }

  /** Lets everything go, ends everything, and fails if something would have been left behind. */
  async dispose(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.close('leave')));
    await waitFor(() => {
      const left = [...this.keepers(), ...this.agents()];
      left.forEach(killQuietly);
      return left.length === 0;
    });
    await waitFor(() => this.#plainLock === null || !existsSync(this.#plainLock));
    const keepers = readdirSync(this.path('keeper')).filter((name) => name !== 'state-id');
    rmSync(this.dir, { recursive: true, force: true });
    await waitFor(() => keepers.every((id) => removeCgroups(`adf-${id}`)));
  }

  #isOurs(pid: number): boolean {
    return readEnviron(pid)?.includes(`ADF_STATE=${this.#stateId}`) === true;
  }

  #marked(holds: (pid: number) => boolean): number[] {
    return allPids().filter((pid) => {
      try {
        return runs(readStat(pid)) && holds(pid);
      } catch {
        return false;
      }
    });
  }
}

/** Waits until `holds`; for facts that nobody tells. */
export async function waitFor(holds: () => boolean, withinMs = PATIENCE_MS): Promise<void> {
  for (const until = Date.now() + withinMs; !holds();) {
    if (Date.now() > until) {
      throw new Error(`not so within ${withinMs} ms: ${holds.toString()}`);
    }
    await delay(10);
  }
}

/** Kills a process that may be gone already. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

/** Groups of killed keepers stay: nobody of theirs could remove them. True when they are gone. */
function removeCgroups(name: string): boolean {
  const mount = '/sys/fs/cgroup';
  try {
    for (const place of [mount, ...readdirSync(mount).map((each) => join(mount, each))]) {
      removeTree(join(place, name));
    }
    return true;
  } catch {
    return false;
  }
}

function removeTree(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));
  } catch {
    return;
  }
  names.forEach((name) => removeTree(join(folder, name)));
  rmdirSync(folder);
}
