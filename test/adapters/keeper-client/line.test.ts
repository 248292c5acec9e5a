// What is said on the line to a keeper and is no message.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeeperLine } from '../../../src/adapters/keeper-client/line.ts';

const DAEMON = { version: 'test', speaks: [1], patienceMs: 10_000 };
const WELCOME = JSON.stringify({ t: 'welcome', protocol: 1, version: 'test', live: [], held: {} });

let dir: string;
let server: Server;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-line-'));
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

/** A keeper that answers the greeting with `lines`. */
async function answering(...lines: string[]): Promise<string> {
  const path = join(dir, 'socket');
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.write(lines.map((line) => `${line}\n`).join('')));
  });
  server.listen(path);
  await once(server, 'listening');
  return path;
}

it.each(['{"t":', 'null', ''])('breaks at a greeting that is no message: "%s"', async (line) => {
  const path = await answering(line);
  const greeting = await KeeperLine.greet(path, DAEMON, {
    onEntry: () => undefined,
    onNo: () => undefined,
    onClosed: () => undefined,
  });
  expect(greeting.kind).toBe('nobody');
});

it('breaks at a later line that is no message, as if the keeper had hung up', async () => {
  const path = await answering(WELCOME, '{"t":"re"');
  const closed = Promise.withResolvers<void>();
  const greeting = await KeeperLine.greet(path, DAEMON, {
    onEntry: () => undefined,
    onNo: () => undefined,
    onClosed: closed.resolve,
  });
  expect(greeting.kind).toBe('welcome');
  await closed.promise;
});
