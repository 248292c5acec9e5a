// A state directory on a real service manager, and the proof at the end that no unit and no record of it is left.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemdHost } from '../../../src/adapters/systemd/host.ts';
import { runtimeFolder } from '../../../src/adapters/systemd/records.ts';
import type { ManagerKind } from '../../../src/adapters/systemd/service-manager.ts';
import { inputsFolder } from '../../../src/core/install/layout.ts';
import { stateIdOf } from '../../../src/os/state-id.ts';
import type { ExecutionHost, StartSpec } from '../../../src/ports/execution-host.ts';
import type { Doing, HostRig } from '../../ports/execution-host.suite.ts';
import { Daemon, specIn, type Known, type SpecWish } from '../../support/host-specs.ts';
import { waitFor } from './wait.ts';

const WAIT = ': >$ID.ready; while [ ! -s $ID.go ]; do sleep 0.2; done; exit $(cat $ID.go)';
const SCRIPTS: Readonly<Record<Doing, string>> = {
  'exit 3': 'exit 3',
  wait: WAIT,
  deaf: `trap "" INT TERM; ${WAIT}`,
};

/** One state directory that its agents cannot read, and a folder in which they work. */
export class UnitRig {
  readonly stateDir: string;
  readonly work: string;
  readonly #kind: ManagerKind;
  readonly #hosts: ExecutionHost[] = [];

  constructor(kind: ManagerKind) {
    this.#kind = kind;
    this.stateDir = mkdtempSync(join(tmpdir(), 'adf-units-'));
    this.work = mkdtempSync(join(tmpdir(), 'adf-work-'));
    mkdirSync(join(this.stateDir, 'out'));
    chmodSync(this.work, 0o777);
    if (kind === 'system') {
      chownSync(this.work, agentId('-u'), agentId('-g'));
    }
  }

  /** The state id in the names of its units. */
  get stateId(): string {
    return stateIdOf(this.stateDir);
  }

  /** A new daemon. */
  connect(known: Known = {}): Promise<Daemon> {
    const host = createSystemdHost({
      kind: this.#kind,
      stateDir: this.stateDir,
      environment: process.env as Record<string, string>,
    });
    this.#hosts.push(host);
    return Daemon.connect(host, known);
  }

  /** A start of `argv` in the folder of the agents. */
  spec(id: string, argv: StartSpec['argv'], wish: SpecWish = {}): StartSpec {
    return specIn(this.work, { id, argv }, { outPath: join(this.stateDir, 'out', `${id}.out`), ...wish });
  }

  /** A start of a shell script. */
  shell(id: string, script: string, wish: SpecWish = {}): StartSpec {
    return this.spec(id, ['sh', '-c', script], wish);
  }

  /** What an attempt printed. */
  output(id: string): string {
    return readFileSync(join(this.stateDir, 'out', `${id}.out`), 'utf8');
  }

  /** Units of this state directory that are not at rest. */
  units(): string[] {
    return this.#systemctl('list-units', '--plain', '--no-legend', '--full', `adf-*-${this.stateId}.service`)
      .split('\n')
      .flatMap((line) => line.trim().split(/\s+/)[0] || []);
  }

  /** What the conformance suite needs. */
  suiteRig(): HostRig {
    const inWork = (name: string): string => join(this.work, name);
    return {
      connect: (known) => this.connect(known),
      crash: (daemon) => daemon.host.close('leave'),
      spec: (id, doing, wish) => this.shell(id, `ID=${id}; echo began >>$ID.began; ${SCRIPTS[doing]}`, wish),
      finish: (id, code) => {
        writeFileSync(inWork(`${id}.go`), String(code));
      },
      ready: (id) => waitFor(() => existsSync(inWork(`${id}.ready`))),
      began: (id) =>
        existsSync(inWork(`${id}.began`)) ? readFileSync(inWork(`${id}.began`), 'utf8').split('\n').length - 1 : 0,
      killHost: () => Promise.reject(new Error('the service manager does not die')),
      pass: () => undefined,
      path: inWork,
      dispose: () => this.dispose(),
    };
  }

  /** Ends everything, and fails if something is left behind. */
  async dispose(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.close('leave')));
    for (const unit of this.units()) {
      this.#systemctl('kill', '--signal=KILL', unit);
    }
    await waitFor(() => this.units().length === 0);
    const runtime = runtimeFolder({ kind: this.#kind, environment: process.env as Record<string, string> });
    const folder = join(runtime, `orders-${stateIdOf(this.stateDir)}`);
    const orders = existsSync(folder) ? readdirSync(folder) : [];
    rmSync(folder, { recursive: true, force: true });
    rmSync(this.stateDir, { recursive: true, force: true });
    rmSync(inputsFolder(this.stateDir), { recursive: true, force: true });
    rmSync(this.work, { recursive: true, force: true });
    if (orders.length > 0) {
      throw new Error(`orders left behind: ${orders.join(' ')}`);
    }
  }

  #systemctl(...args: string[]): string {
    return execFileSync('systemctl', [...(this.#kind === 'user' ? ['--user'] : []), ...args], { encoding: 'utf8' });
  }
}

function agentId(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'adf-agent'], { encoding: 'utf8' }));
}
