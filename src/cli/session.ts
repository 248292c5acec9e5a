// What one command has at hand while it runs: the daemon, the outputs, the manner of the terminal.

import { once } from 'node:events';
import type { Command } from 'commander';
import type { Client } from '../http/client/client.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { CliDeps } from './deps.ts';
import type { ConfigPlace, Local } from './local.ts';
import type { Look } from './render/look.ts';
import { createStyle } from './render/style.ts';
import type { Style } from './render/style.ts';
import { createTimes } from './render/times.ts';
import type { Times } from './render/times.ts';

/** What a reader that does not keep up may leave unread before more is dropped. */
const MAX_UNREAD_CHARS = 1024 * 1024;

/** Options that commands have in common. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly socket?: string;
}

/** One command at work. */
export class Session implements Look {
  readonly style: Style;
  readonly times: Times;
  readonly width: number | null;
  readonly place: ConfigPlace;
  readonly json: boolean;
  /** Aborts on Ctrl-C, and when nobody reads our results any more. */
  readonly ending: AbortSignal;
  readonly #deps: CliDeps;
  readonly #socket: string | null;
  readonly #unread = new AbortController();
  #writeError: NodeJS.ErrnoException | null = null;
  #asked: string | null = null;

  /** Every command with its code loaded: what completion is written from. */
  readonly commands: () => Promise<readonly Command[]>;

  constructor(deps: CliDeps, options: CommonOptions, commands: () => Promise<readonly Command[]>) {
    this.#deps = deps;
    this.commands = commands;
    this.json = options.json === true;
    this.place = { config: options.config ?? null };
    this.#socket = options.socket ?? null;
    this.style = createStyle(deps.isTerminal && !deps.noColor);
    this.times = createTimes(deps.now(), deps.calendar);
    this.width = deps.isTerminal ? deps.columns : null;
    this.ending = AbortSignal.any([deps.interrupt, this.#unread.signal]);
    deps.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#writeError ??= error;
      this.#unread.abort();
    });
    // A broken stderr leaves nobody to tell; without a listener it would end the program.
    deps.stderr.on('error', () => this.#deps.stderr.destroy());
  }

  get local(): Local {
    return this.#deps.local;
  }

  get user(): string {
    return this.#deps.user;
  }

  /** Why the result could not be written. A reader that went away (`adf runs | head -1`) is no error of ours. */
  get outputError(): OperationalError | null {
    const cause = this.#writeError;
    return cause === null || cause.code === 'EPIPE' || cause.code === 'EIO'
      ? null
      : new OperationalError('output_failed', `cannot write the result: ${cause.message}`, cause);
  }

  get isTerminal(): boolean {
    return this.#deps.isTerminal;
  }

  get interrupted(): boolean {
    return this.#deps.interrupt.aborted;
  }

  newKey(): string {
    return this.#deps.newKey();
  }

  /** A client of the daemon of this configuration. Whether there is one shows with the first verb. */
  async client(): Promise<Client> {
    this.#asked = this.#socket ?? (await this.local.socketPath(this.place));
    return this.#deps.connect(this.#asked, this.ending);
  }

  /** The socket at which a daemon was looked for; null: at none so far. */
  get asked(): string | null {
    return this.#asked;
  }

  /** What may be wrong with where the daemon was looked for; null: nothing, or it was told where. */
  async whyThere(): Promise<string | null> {
    return this.#socket === null ? this.local.whyThere(this.place) : null;
  }

  /** Resolves after `ms`, or when the command is to end. */
  wait(ms: number): Promise<void> {
    return this.#deps.wait(ms, this.ending);
  }

  /** The result: `view` with --json, else the lines. */
  async result(view: unknown, lines: () => readonly string[]): Promise<void> {
    await this.write(
      this.json
        ? `${JSON.stringify(view, null, 2)}\n`
        : lines()
            .map((line) => `${line}\n`)
            .join(''),
    );
  }

  /** One JSON value on one line. */
  async jsonLine(value: unknown): Promise<void> {
    await this.write(`${JSON.stringify(value)}\n`);
  }

  /** Text of the result as it is; waits while the reader is behind. */
  async write(text: string): Promise<void> {
    if (text !== '' && !this.#unread.signal.aborted && !this.#deps.stdout.write(text)) {
      await once(this.#deps.stdout, 'drain', { signal: this.#unread.signal }).catch(() => this.#unread.abort());
    }
  }

  /** As `write`, but without waiting: false, and nothing written, while too much is unread. */
  offer(text: string): boolean {
    if (this.#unread.signal.aborted || this.#deps.stdout.writableLength > MAX_UNREAD_CHARS) {
      return false;
    }
    this.#deps.stdout.write(text);
    return true;
  }

  /** What a person should know beside the result. */
  note(line: string): void {
    this.noteText(`${line}\n`);
  }

  /** The same for text with line breaks of its own. */
  noteText(text: string): void {
    this.#deps.stderr.write(text);
  }

  /** How results are drawn now: a command that runs for days outlives the day it began on. */
  fresh(): Look {
    return { style: this.style, width: this.width, times: createTimes(this.#deps.now(), this.#deps.calendar) };
  }
}
