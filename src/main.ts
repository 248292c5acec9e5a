// Composition root: hands the outside of this process to the command line.

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { runCli } from './cli/run-cli.ts';
import { localCalendar } from './cli/render/times.ts';
import { createClient } from './http/client/client.ts';
import { local } from './main/local.ts';
import { packageVersion } from './main/package-files.ts';

/** Time to print what was said last. */
const LAST_WORDS_MS = 500;
/** Width of a pipe: wide enough that nothing is folded. */
const PIPE_COLUMNS = 200;

const interrupt = new AbortController();
let isFactory = false;
for (const stream of [process.stdout, process.stderr]) {
  // A reader that went away (`adf runs | head`) is no failure, and never ends the daemon.
  stream.on('error', () => undefined);
}

process.exitCode = await runCli(process.argv.slice(2), {
  local,
  connect: createClient,
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stdout.isTTY,
  columns: process.stdout.columns ?? PIPE_COLUMNS,
  noColor: (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb',
  user: userInfo().username,
  calendar: localCalendar,
  version: packageVersion(),
  now: Date.now,
  wait: async (ms, signal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    }),
  newKey: randomUUID,
  typed: (verb) => {
    isFactory = verb === 'start';
    // `start` has signals of its own: a first Ctrl-C drains.
    if (!isFactory) {
      process.once('SIGINT', () => {
        interrupt.abort();
      });
    }
  },
  interrupt: interrupt.signal,
});

if (isFactory) {
  // A server that never answers holds its socket, and with it the daemon: what was to be done is done, so nobody waits.
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}
