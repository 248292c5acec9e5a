// `adf start` in this process, with pretended agents: everything else is real, and tests speak to it as operators do.

import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/adapters/clock/system-clock.ts';
import type { Foreground, StartWish } from '../../src/cli/local.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { start } from '../../src/main/start.ts';
import type { StartParts } from '../../src/main/start.ts';
import { adfAt } from './cli.ts';
import type { Ended } from './cli.ts';
import { testFolder } from './factory.ts';
import { FakeHost } from './fake-host.ts';

/** How long a test waits for what should come. */
const PATIENCE_MS = 12_000;
const LOOK_MS = 10;

/** What `configure` puts before every text: short waits, and a disk that is never too full. */
export const FACTORY = 'disk_free_floor = "1MiB"\ndrain_timeout = "1s"\n';

/** One factory in a folder of its own. `await using` it. */
export class WholeFactory implements AsyncDisposable {
  readonly dir = testFolder();
  readonly config = join(this.dir, 'agents.toml');
  readonly host: FakeHost;
  /** Lines of its log, where `log` asks for one; then no facts are told. */
  readonly lines: string[] = [];
  /** Everything that it told so far. */
  readonly facts: RecordedFact[] = [];
  readonly socket = join(this.dir, '.adf/adf.sock');
  #ended: Promise<number> = Promise.resolve(0);

  #parts: StartParts;
  readonly #log: StartWish['log'];

  private constructor(parts: StartParts, log: StartWish['log']) {
    this.host = new FakeHost(parts.clock ?? systemClock);
    this.#parts = parts;
    this.#log = log;
  }

  /** A factory that has started with `toml`, as `configure` takes it; programs run until they are told to end. */
  static async start(toml: string, parts: StartParts = {}, log: StartWish['log'] = 'text'): Promise<WholeFactory> {
    const factory = new WholeFactory(parts, log);
    factory.configure(toml);
    await factory.restart();
    return factory;
  }

  /** Starts it again, after `end` or `leave`; with other parts where they are given. */
  async restart(parts: StartParts = this.#parts): Promise<void> {
    this.#parts = parts;
    const started = Promise.withResolvers<void>();
    const foreground: Foreground = {
      started: () => started.resolve(),
      fact: (fact) => this.facts.push(fact),
      draining: () => undefined,
      line: (text) => {
        this.lines.push(text);
        started.resolve();
      },
      stopped: () => undefined,
    };
    const wish = { config: this.config, drainOnTerm: false, log: this.#log };
    this.#ended = start(wish, foreground, { host: this.host, ...this.#parts });
    this.#ended.catch(started.reject);
    await started.promise;
  }

  /** Writes agents.toml: `toml` below a [factory] section, which may have more keys (`factory`). */
  configure(toml: string, factory = ''): void {
    this.write(`[factory]\n${FACTORY}${factory}\n${toml}`);
  }

  /** Writes agents.toml as it is given. */
  write(text: string): void {
    writeFileSync(this.config, text);
  }

  /** One call of `adf`, to its end. */
  async adf(...argv: readonly string[]): Promise<Ended> {
    return adfAt(this.socket, argv, { now: Date.now, newKey: randomUUID });
  }

  /** The first fact that `matches`, waited for. */
  async fact<Kind extends RecordedFact['kind']>(
    kind: Kind,
    matches: (fact: Extract<RecordedFact, { readonly kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<RecordedFact, { readonly kind: Kind }>> {
    const isIt = (fact: RecordedFact): fact is Extract<RecordedFact, { readonly kind: Kind }> =>
      fact.kind === kind && matches(fact as Extract<RecordedFact, { readonly kind: Kind }>);
    return this.until(`a fact ${kind}`, () => this.facts.find(isIt) ?? null);
  }

  /** Looks until `look` answers something. */
  async until<Found>(what: string, look: () => Found | null): Promise<Found> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const found = look();
      if (found !== null) {
        return found;
      }
      await delay(LOOK_MS);
    }
    throw new Error(`waited in vain for ${what}; the last facts: ${JSON.stringify(this.facts.slice(-8), null, 1)}`);
  }

  /** Waits until `path` (from the factory's folder) is there, or is gone. */
  async file(path: string, isThere = true): Promise<string> {
    const full = join(this.dir, path);
    return this.until(`${full}${isThere ? '' : ' to go'}`, () => (existsSync(full) === isThere ? full : null));
  }

  /** Ends it as systemctl does: agents are left to their host. */
  async leave(): Promise<number> {
    process.emit('SIGTERM');
    return this.#ended;
  }

  /** Ends it by Ctrl-C; answers its exit code. */
  async end(): Promise<number> {
    this.host.exitAll();
    process.emit('SIGINT');
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
