// The real daemon as a process of its own, which a test kills, starts again and asks over its socket; nothing stays behind.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { createClient } from '../../src/http/client/client.ts';
import type { Client } from '../../src/http/client/client.ts';
import type { RunView } from '../../src/ports/control.ts';
import { KeeperRig, killQuietly, waitFor } from './keeper-rig.ts';

const ADF = fileURLToPath(new URL('../../bin/adf', import.meta.url));
/** Long enough for a machine that is busy with other tests. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 25;
/** The most that is given out; more than any test here makes. */
const MOST_FACTS = 10_000;
const MOST_RUNS = 1000;

/** How a process ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
}

/** One state directory, and at most one daemon on it at a time. */
export class DaemonProcess {
  readonly rig = new KeeperRig();
  readonly client: Client;
  readonly #socket = this.rig.path('adf.sock');
  readonly #config = this.rig.path('agents.toml');
  #child: ChildProcess | null = null;
  #gone: Promise<Ended> = Promise.resolve({ code: null, signal: null, tookMs: 0 });
  #lives = 0;

  /** `toml` is added to a `[factory]` section that allows much at once. */
  constructor(toml: string) {
    this.client = createClient(this.#socket);
    this.configure(toml);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Writes agents.toml anew. */
  configure(toml: string): void {
    const factory = `[factory]\nstate_dir = "${this.rig.dir}"\nmax_concurrent_agents = 100\ndisk_free_floor = "1MiB"\ndrain_timeout = "5s"\n`;
    writeFileSync(this.#config, `${factory}${toml}`);
  }

  /** Starts a daemon; resolves when it answers. */
  async start(): Promise<void> {
    this.launch();
    await this.standing();
  }

  /** Starts a daemon without waiting for it. */
  launch(): void {
    this.#lives += 1;
    const log = openSync(this.#logPath(), 'a');
    this.launchInto(log);
    closeSync(log);
  }

  /** The same, printing to `log`. */
  launchInto(log: number | 'pipe'): ChildProcess {
    const child = spawn('sh', [ADF, '--config', this.#config, 'start'], {
      cwd: this.rig.dir,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: this.rig.dir },
      stdio: ['ignore', log, log],
    });
    this.#child = child;
    this.#gone = endOf(child);
    return child;
  }

  /** Resolves when the daemon that was launched answers. */
  async standing(): Promise<void> {
    await this.until(async () => ((await this.client.status()).pid === this.pid ? true : null), this.#gone);
  }

  /** A second `adf start` on the same configuration; what it said and how it ended. */
  async second(): Promise<Ended & { readonly said: string }> {
    const child = spawn('sh', [ADF, 'start', '--config', this.#config], {
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: this.rig.dir },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    return { ...(await endOf(child)), said };
  }

  /** One call of `adf` as a process of its own; what it printed and how it ended. */
  async adf(
    ...argv: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: this.rig.dir };
      execFile('sh', [ADF, ...argv, '--config', this.#config], { env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  }

  /** Every keeper stands still: it answers nobody and writes nothing down, until `thaw`. */
  freeze(): void {
    this.rig.keepers().forEach((pid) => process.kill(pid, 'SIGSTOP'));
  }

  /** Ends `freeze`. */
  thaw(): void {
    this.rig.keepers().forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  /** `kill -9` of the daemon. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
    this.#child = null;
  }

  /** Sends `signal`; how the daemon ended. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    const sentAt = performance.now();
    this.#child?.kill(signal);
    const ended = await this.#gone;
    this.#child = null;
    return { ...ended, tookMs: performance.now() - sentAt };
  }

  /** How the daemon ends, asked by nobody here. */
  async ended(): Promise<Ended> {
    return this.#gone;
  }

  /** Sends `signal` and goes on. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** `kill -9` of every keeper. */
  async killKeepers(): Promise<void> {
    const keepers = this.rig.keepers();
    keepers.forEach(killQuietly);
    await waitFor(() => this.rig.keepers().every((pid) => !keepers.includes(pid)));
  }

  /** All runs, oldest first. */
  async runs(): Promise<readonly RunView[]> {
    return (await this.client.runs({ limit: MOST_RUNS })).toReversed();
  }

  /** All facts, oldest first. */
  async facts(): Promise<readonly RecordedFact[]> {
    const facts: RecordedFact[] = [];
    for await (const fact of this.client.facts({ last: MOST_FACTS, follow: false }, new AbortController().signal)) {
      facts.push(fact);
    }
    return facts;
  }

  /** Asks until `look` answers something; a daemon that does not answer yet is asked again. */
  async until<Found>(look: () => Promise<Found | null>, gone?: Promise<Ended>): Promise<Found> {
    const end = performance.now() + PATIENCE_MS;
    const early = (gone ?? new Promise<Ended>(() => undefined)).then((how) => ({ how }));
    let last: unknown = null;
    for (let how: Ended | null = null; performance.now() < end && how === null;) {
      try {
        const found = await look();
        if (found !== null) {
          return found;
        }
      } catch (error) {
        last = error;
      }
      how = (await Promise.race([early, delay(LOOK_MS, null)]))?.how ?? null;
      last = how ?? last;
    }
    throw new Error(
      `in vain: ${look.toString()}\n${last instanceof Error ? last.message : JSON.stringify(last)}\n${this.log()}`,
    );
  }

  /** What daemons printed. */
  log(): string {
    return existsSync(this.#logPath()) ? readFileSync(this.#logPath(), 'utf8') : '';
  }

  /** Ends the daemon by Ctrl-C; fails when a process or the socket outlives it. */
  async finish(): Promise<void> {
    const ended = await this.end('SIGINT');
    await waitFor(() => [...this.rig.keepers(), ...this.rig.agents()].length === 0);
    if (ended.code !== 0 || existsSync(this.#socket)) {
      throw new Error(`not an end in order: ${JSON.stringify(ended)}\n${this.log()}`);
    }
  }

  /** Removes everything, however far the test came. */
  async dispose(): Promise<void> {
    await this.kill();
    await this.rig.dispose();
  }

  #logPath(): string {
    return this.rig.path(`daemon-${this.#lives}.log`);
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal, tookMs: performance.now() - startedAt });
    });
  });
}
