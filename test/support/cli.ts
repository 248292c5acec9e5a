// Calls of `adf` in this process, over a real socket, with everything of the outside in the test's hands.

import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { CliDeps } from '../../src/cli/deps.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { createClient } from '../../src/http/client/client.ts';
import { serveForTest, testFolder } from './control-socket.ts';
import type { FakeControl } from './fake-control.ts';
import { fakeLocal } from './fake-local.ts';
import { utcCalendar } from './look.ts';
import { AT } from './views.ts';

/** What one call of `adf` came to. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Collects what is written; `onText` hears each piece. */
export class Sink extends Writable {
  text = '';
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void = () => undefined) {
    super({ decodeStrings: false });
    this.#onText = onText;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error | null) => void): void {
    this.text += chunk;
    this.#onText(chunk);
    done();
  }
}

/** Calls `adf` where a daemon listens at `socketPath`: in a pipe, at the instant AT, in UTC. */
export async function adfAt(socketPath: string, argv: readonly string[], rest: Partial<CliDeps> = {}): Promise<Ended> {
  const stdout = new Sink();
  const stderr = new Sink();
  let keys = 0;
  const code = await runCli(argv, {
    local: fakeLocal({ socketPath: async () => socketPath, whyThere: async () => null }),
    connect: createClient,
    stdout,
    stderr,
    isTerminal: false,
    columns: 80,
    noColor: false,
    user: 'eva',
    calendar: utcCalendar,
    version: '0.1.0',
    now: () => AT + 3000,
    wait: async () => undefined,
    newKey: () => {
      keys += 1;
      return `key-${keys}`;
    },
    typed: () => undefined,
    interrupt: new AbortController().signal,
    ...rest,
  });
  return { code, out: stdout.text, err: stderr.text };
}

/** Calls `adf` against a daemon with this Control. */
export async function adf(fake: FakeControl, argv: readonly string[], rest: Partial<CliDeps> = {}): Promise<Ended> {
  const { socketPath } = await serveForTest(fake.control);
  return adfAt(socketPath, argv, rest);
}

/** Calls `adf` where no daemon listens; `socket` is the path it would have. */
export async function adfAlone(
  argv: readonly string[],
  rest: Partial<CliDeps> = {},
): Promise<Ended & { readonly socket: string }> {
  const socket = join(testFolder(), 'adf.sock');
  return { ...(await adfAt(socket, argv, rest)), socket };
}
