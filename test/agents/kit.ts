// A real factory whose agents are one real CLI, talking to the mock model: a scenario is an agent, a check is its run row.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { vi } from 'vitest';

import type { RunDetail, RunView } from '../../src/ports/control.ts';
import type { RunWish } from '../../src/ports/run-wish.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { agentToml, furnish } from './clis.ts';
import { install } from './install.ts';
import type { CliName } from './install.ts';
import { MockModel } from './mock-model/server.ts';
import type { Request, Scenario } from './mock-model/server.ts';
import { NO_TOKENS, sumOf } from './mock-model/tokens.ts';
import type { Tokens } from './mock-model/tokens.ts';

/** A scenario of the kit: an agent, and what the model does for it. */
export interface KitScenario {
  readonly name: string;
  readonly model: Scenario;
  /** Further keys of agents.toml. */
  readonly more?: string;
  /** Limits of a budget for a day of its agent. */
  readonly budget?: string;
  /** Nothing listens where its model should be. */
  readonly refused?: boolean;
}

/** The slowest of the scenarios takes a quarter of this on a quiet machine. */
const PATIENCE_MS = 110_000;
const LOOK_MS = 50;
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** One factory with one CLI. */
export class Kit {
  readonly version: string;
  private readonly model: MockModel;
  private readonly daemon: DaemonProcess;

  private constructor(version: string) {
    this.version = version;
    this.daemon = new DaemonProcess('');
    this.model = new MockModel((key) => this.folder(key));
  }

  /** Installs `cli` and starts a factory with an agent for each scenario. */
  static async start(cli: CliName, scenarios: readonly KitScenario[]): Promise<Kit> {
    const { version, program } = await install(cli);
    const kit = new Kit(version);
    await kit.model.listen();
    const home = kit.daemon.rig.path('home');
    furnish(cli, home);
    mkdirSync(kit.daemon.rig.path('tmp'));
    const agents = scenarios.map(({ name, model, more, refused }) =>
      agentToml(cli, {
        name,
        program,
        home,
        tmp: kit.daemon.rig.path('tmp'),
        workingDir: kit.folder(name),
        url: refused === true ? NOWHERE : kit.model.url(model, name),
        more: more ?? '',
      }),
    );
    const budgets = scenarios.flatMap(({ name, budget }) =>
      budget === undefined ? [] : [`[[budgets]]\nscope = "agent"\nname = "${name}"\nwindow = "day"\n${budget}\n`],
    );
    kit.daemon.configure([...budgets, ...agents].join('\n'));
    await kit.daemon.start();
    return kit;
  }

  /** One run of the agent `name`, carried to its end; `during` may act while it goes on. */
  async run(
    name: string,
    during?: ((run: RunView) => Promise<void>) | null,
    session?: RunWish['session'],
  ): Promise<RunDetail> {
    const key = randomUUID();
    const reply = await this.daemon.client.run(name, session === undefined ? { key } : { key, session });
    await during?.(reply.run);
    return this.until(async () => {
      const detail = await this.daemon.client.show(reply.run.id);
      return detail.run.state === 'ended' ? detail : null;
    });
  }

  /** Waits until the endless tool of a run goes on. */
  async inTool(): Promise<void> {
    await this.until(async () => Promise.resolve(this.toolPids().length > 0 ? true : null));
  }

  async cancel(run: string): Promise<void> {
    await this.daemon.client.cancel(run);
  }

  /** Sends `signal` to the process that the host started for `run`, from outside. */
  async signal(run: string, signal: NodeJS.Signals): Promise<void> {
    const pid = await this.until(async () => {
      const detail = await this.daemon.client.show(run);
      return detail.attempts.at(-1)?.pid ?? null;
    });
    process.kill(pid, signal);
  }

  /** Processes of the factory's agents that are alive. */
  left(): readonly number[] {
    return this.daemon.rig.agents();
  }

  /** Text of the file that tools make; null: there is none. */
  made(name: string): string | null {
    const path = join(this.folder(name), 'made.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  /** What the model was asked by the agent `name`. */
  requestsOf(name: string): readonly Request[] {
    return this.model.requests.filter(({ key }) => key === name);
  }

  /** The server's own count. */
  sum(requests: readonly Request[]): Tokens {
    return sumOf(requests.map(({ tokens }) => tokens ?? NO_TOKENS));
  }

  private async until<Found>(look: () => Promise<Found | null>): Promise<Found> {
    return vi.waitFor(
      async () => {
        const found = await look();
        if (found === null) {
          throw new Error(`in vain; the factory says:\n${this.daemon.log()}`);
        }
        return found;
      },
      { timeout: PATIENCE_MS, interval: LOOK_MS },
    );
  }

  async dispose(): Promise<void> {
    await this.model.close();
    await this.daemon.dispose();
  }

  private folder(name: string): string {
    return this.daemon.rig.path(`work/${name}`);
  }

  /** Processes of the endless tool. */
  private toolPids(): readonly number[] {
    return this.daemon.rig.agents().filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('tail\0-f\0/dev/null');
      } catch {
        return false;
      }
    });
  }
}
