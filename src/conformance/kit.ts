// A factory whose agents are one real CLI, talking to a model on loopback: a scenario is an agent, a check is its run row.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { OperationalError } from '../lib/operational-error.ts';
import type { Capabilities } from '../ports/agent-driver.ts';
import type { RunDetail, RunView } from '../ports/control.ts';
import type { RunWish } from '../ports/run-wish.ts';
import { agentToml, furnish } from './clis.ts';
import { EXPECTATIONS } from './expectations.ts';
import type { CliName } from './expectations.ts';
import { MockModel } from './mock-model/server.ts';
import type { Request, Scenario } from './mock-model/server.ts';
import { NO_TOKENS, sumOf } from './mock-model/tokens.ts';
import type { Tokens } from './mock-model/tokens.ts';

/** An agent of the kit, and what the model does for it. */
export interface KitAgentWish {
  readonly name: string;
  readonly model: Scenario;
  /** Further keys of agents.toml. */
  readonly more?: string;
  /** Limits of a budget for a day of its agent. */
  readonly budget?: string;
  /** It asks for the model of its CLI that our list has a price for. */
  readonly priced?: boolean;
  /** Nothing listens where its model should be. */
  readonly refused?: boolean;
  /** Its input stays open, and nobody writes it. */
  readonly silentInput?: boolean;
}

/** The factory that the kit drives, however it is reached. */
export interface KitFactory {
  /** A folder that is its own, below which the CLI finds home, working folders and temporary files. Absolute. */
  readonly dir: string;
  /** Starts it with these sections of agents.toml. */
  start(toml: string): Promise<void>;
  /** Errors: it does not know the agent, or it refuses. */
  run(agent: string, wish: RunWish): Promise<RunView>;
  show(run: string): Promise<RunDetail>;
  cancel(run: string): Promise<void>;
  /** Pids of living processes of all its attempts. */
  alive(): readonly number[];
  /** What it has printed, for whoever waits in vain. */
  log(): string;
  /** Ends it, and everything that it holds. */
  close(): Promise<void>;
}

/** The CLI that is put through the scenarios. */
export interface KitCli {
  readonly name: CliName;
  /** Absolute path of its program, named like the driver. */
  readonly program: string;
  readonly capabilities: Pick<Capabilities, 'usageGaps'>;
}

const LOOK_MS = 50;
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';
const ENDLESS_TOOL = 'tail\0-f\0/dev/null';

/** One factory with one CLI. */
export class Kit {
  readonly capabilities: KitCli['capabilities'];
  readonly #model: MockModel;
  readonly #factory: KitFactory;
  readonly #patienceMs: number;

  private constructor({ name, capabilities }: KitCli, factory: KitFactory) {
    this.capabilities = capabilities;
    this.#factory = factory;
    this.#patienceMs = EXPECTATIONS[name].patienceMs;
    this.#model = new MockModel((key) => this.#folder(key));
  }

  /** Starts `factory` with an agent for each of `agents`. */
  static async start(cli: KitCli, factory: KitFactory, agents: readonly KitAgentWish[]): Promise<Kit> {
    const kit = new Kit(cli, factory);
    await kit.#model.listen();
    const home = join(factory.dir, 'home');
    const tmp = join(factory.dir, 'tmp');
    furnish(cli.name, home);
    mkdirSync(tmp);
    const entries = agents.map(({ name, model, more, refused, silentInput, priced }) =>
      agentToml(cli.name, {
        name,
        program: silentInput === true ? withSilentInput(cli, join(factory.dir, 'behind')) : cli.program,
        home,
        tmp,
        workingDir: kit.#folder(name),
        url: refused === true ? NOWHERE : kit.#model.url(model, name),
        priced: priced === true,
        more: more ?? '',
      }),
    );
    const budgets = agents.flatMap(({ name, budget }) =>
      budget === undefined ? [] : [`[[budgets]]\nscope = "agent"\nname = "${name}"\nwindow = "day"\n${budget}\n`],
    );
    await factory.start([...budgets, ...entries].join('\n'));
    return kit;
  }

  /** One run of the agent `name`, carried to its end; `during` may act while it goes on. */
  async run(
    name: string,
    {
      during,
      session,
    }: { readonly during?: (run: RunView) => Promise<void>; readonly session?: RunWish['session'] } = {},
  ): Promise<RunDetail> {
    const key = randomUUID();
    const run = await this.#factory.run(name, session === undefined ? { key } : { key, session });
    await during?.(run);
    return this.#until(`${name} has ended`, async () => {
      const detail = await this.#factory.show(run.id);
      return detail.run.state === 'ended' ? detail : null;
    });
  }

  /** Waits until the endless tool of a run goes on. */
  async inTool(): Promise<void> {
    await this.#until('the tool goes on', async () =>
      Promise.resolve(this.#factory.alive().some(isEndlessTool) || null),
    );
  }

  async cancel(run: string): Promise<void> {
    await this.#factory.cancel(run);
  }

  /** Sends `signal` to the process that the host started for `run`, from outside. */
  async signal(run: string, signal: NodeJS.Signals): Promise<void> {
    const pid = await this.#until(`${run} has a process`, async () => {
      const detail = await this.#factory.show(run);
      return detail.attempts.at(-1)?.pid ?? null;
    });
    process.kill(pid, signal);
  }

  /** Processes of the factory's agents that are alive. */
  left(): readonly number[] {
    return this.#factory.alive();
  }

  /** Text of the file that tools make; null: there is none. */
  made(name: string): string | null {
    const path = join(this.#folder(name), 'made.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  /** What the model was asked by the agent `name`. */
  requestsOf(name: string): readonly Request[] {
    return this.#model.requests.filter(({ key }) => key === name);
  }

  /** The server's own count. */
  sum(requests: readonly Request[]): Tokens {
    return sumOf(requests.map(({ tokens }) => tokens ?? NO_TOKENS));
  }

  /** Ends factory and model. */
  async close(): Promise<void> {
    await this.#factory.close();
    await this.#model.close();
  }

  async #until<Found>(what: string, look: () => Promise<Found | null>): Promise<Found> {
    for (const end = performance.now() + this.#patienceMs; performance.now() < end;) {
      const found = await look();
      if (found !== null) {
        return found;
      }
      await delay(LOOK_MS);
    }
    throw new OperationalError(
      'conformance.patience',
      `waited ${this.#patienceMs / 1000} s in vain until ${what}; the factory says:\n${this.#factory.log()}`,
    );
  }

  #folder(name: string): string {
    return join(this.#factory.dir, 'work', name);
  }
}

/** Puts a script before the program that gives it a pipe which it holds open itself; the name tells the driver. */
function withSilentInput({ name, program }: KitCli, folder: string): string {
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `#!/bin/sh\nmkfifo "$TMPDIR/silent.$$"\nexec '${program}' "$@" <>"$TMPDIR/silent.$$"\n`, {
    mode: 0o755,
  });
  return path;
}

function isEndlessTool(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(ENDLESS_TOOL);
  } catch {
    return false;
  }
}
