// A factory of its own, in a folder of its own, for as long as the conformance kit needs one: nothing of the operator's is in it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readEnvironment } from '../config/env.ts';
import { loadFleet } from '../config/load.ts';
import { thisMachine } from '../config/this-machine.ts';
import type { KitFactory } from '../conformance/kit.ts';
import { isRefusal } from '../daemon/lookup.ts';
import { DRIVER_NAMES } from '../drivers/registry.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { findMarked } from '../os/tree.ts';
import { stateIdOf } from '../os/state-id.ts';
import type { Control, ControlRefusal, RunDetail, RunView } from '../ports/control.ts';
import type { RunWish } from '../ports/run-wish.ts';
import { compose } from './compose.ts';
import type { Composed } from './compose.ts';
import { packageVersion } from './package-files.ts';

/** Lines of its log that are kept for whoever waits in vain. */
const LOG_LINES = 50;

/** One daemon inside this process, whose agents run as we do. */
export class OwnFactory implements KitFactory {
  readonly dir: string;
  readonly #lines: string[] = [];
  #composed: Composed | null = null;
  #stateId = '';

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes its folder, in the cache of the user: gemini reads no settings below a folder that everybody may write to. */
  static async make(name: string): Promise<OwnFactory> {
    const cache = join(homedir(), '.cache');
    try {
      mkdirSync(cache, { recursive: true, mode: 0o700 });
      return new OwnFactory(mkdtempSync(join(cache, `adf-${name}-`)));
    } catch {
      return Promise.resolve(new OwnFactory(mkdtempSync(join(tmpdir(), `adf-${name}-`))));
    }
  }

  async start(toml: string): Promise<void> {
    const path = join(this.dir, 'agents.toml');
    writeFileSync(path, `${FACTORY}${toml}`, { mode: 0o600 });
    // No variable of the operator's but where programs are: proxies and keys are none of the scenarios' business.
    const env = { PATH: [dirname(process.execPath), readEnvironment()['PATH'] ?? ''].join(':'), HOME: this.dir };
    const machine = thisMachine(env);
    const loaded = loadFleet({ path, env, machine, drivers: DRIVER_NAMES, stateDirectory: null, foreground: true });
    if (loaded.kind === 'errors') {
      throw new OperationalError('conformance.config', loaded.errors.map(({ message }) => message).join('\n'));
    }
    this.#stateId = stateIdOf(loaded.fleet.factory.stateDir);
    this.#composed = await compose({
      fleet: loaded.fleet,
      configPath: path,
      environment: env,
      version: packageVersion(),
      load: async () => Promise.reject(new OperationalError('conformance.config', 'the kit is not reloaded')),
      warn: (message) => this.#keep(message),
      fatal: (error) => this.#keep(messageOf(error)),
    });
    await this.#composed.daemon.start();
  }

  async run(agent: string, wish: RunWish): Promise<RunView> {
    const reply = answered(await this.#control().run(agent, wish));
    if (reply.decision === 'refused') {
      throw new OperationalError('refused', reply.reasons.map(({ code, text }) => `${code}: ${text}`).join(' · '));
    }
    return reply.run;
  }

  async show(run: string): Promise<RunDetail> {
    return answered(await this.#control().show(run));
  }

  async cancel(run: string): Promise<void> {
    answered(await this.#control().cancel(run));
  }

  alive(): readonly number[] {
    return findMarked(this.#stateId).map(({ stat }) => stat.pid);
  }

  log(): string {
    return this.#lines.join('\n');
  }

  async close(): Promise<void> {
    await this.#composed?.daemon.stop({ kind: 'kill' });
    this.#composed = null;
    rmSync(this.dir, { recursive: true, force: true });
  }

  #control(): Control {
    if (this.#composed === null) {
      throw new OperationalError('conformance.closed', 'the factory of the kit is not started, or closed already');
    }
    return this.#composed.daemon.control;
  }

  #keep(line: string): void {
    this.#lines.push(line);
    this.#lines.splice(0, this.#lines.length - LOG_LINES);
  }
}

/** The machine may be busy with the operator's own factory: that is no reason to wait here. */
const FACTORY = `[factory]
state_dir = "state"
host = "keeper"
max_concurrent_agents = 4
disk_free_floor = "1MiB"
memory_pressure_percent = 100
cpu_pressure_percent = 100

`;

function answered<View>(view: View): Exclude<View, ControlRefusal> {
  if (isRefusal(view)) {
    throw new OperationalError('refused', view.refused.message);
  }
  return view as Exclude<View, ControlRefusal>;
}
