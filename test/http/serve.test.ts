// The control socket: its mode, its file, who may take it, and how it closes.

import { existsSync, linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createClient } from '../../src/http/client/client.ts';
import { serve } from '../../src/http/serve.ts';
import { serveForTest, testFolder } from '../support/control-socket.ts';
import { FakeControl } from '../support/fake-control.ts';

const onCrash = (thrown: unknown): never => {
  throw thrown;
};

it('opens to its owner alone', async () => {
  const { socketPath } = await serveForTest(new FakeControl().control);
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

it('leaves the mask for new files as it was', async () => {
  const before = process.umask(0o022);
  const folder = testFolder();
  await serveForTest(new FakeControl().control);
  writeFileSync(join(folder, 'f'), '');
  process.umask(before);
  expect(statSync(join(folder, 'f')).mode & 0o777).toBe(0o644);
});

it('removes its file when it closes, and can be closed twice', async () => {
  const server = await serveForTest(new FakeControl().control);
  await server.close();
  expect(existsSync(server.socketPath)).toBe(false);
  await server.close();
});

it('takes over the socket of a daemon that is gone', async () => {
  const socketPath = await deadSocket();
  const server = await serve({ control: new FakeControl().control, socketPath, onCrash });
  expect((await createClient(socketPath).status()).name).toBe('dark-factory');
  await server.close();
});

it('does not touch the socket of a live daemon', async () => {
  const { socketPath } = await serveForTest(new FakeControl().control);
  const second = serve({ control: new FakeControl().control, socketPath, onCrash });
  await expect(second).rejects.toMatchObject({
    code: 'socket_in_use',
    message: `a daemon answers at ${socketPath} already: adf status`,
  });
  expect((await createClient(socketPath).status()).name).toBe('dark-factory');
});

it('does not remove a file that is no socket', async () => {
  const socketPath = join(testFolder(), 'adf.sock');
  writeFileSync(socketPath, 'precious');
  await expect(serve({ control: new FakeControl().control, socketPath, onCrash })).rejects.toMatchObject({
    code: 'socket_path_taken',
  });
  expect(readFileSync(socketPath, 'utf8')).toBe('precious');
});

it('says why it cannot listen', async () => {
  const socketPath = join(testFolder(), 'nowhere', 'adf.sock');
  await expect(serve({ control: new FakeControl().control, socketPath, onCrash })).rejects.toMatchObject({
    code: 'socket_failed',
    message: expect.stringContaining(socketPath) as unknown,
  });
});

it('ends streams when it closes', async () => {
  const fake = new FakeControl();
  const server = await serveForTest(fake.control);
  const facts = createClient(server.socketPath).facts({ last: 0, follow: true }, new AbortController().signal);
  const end = facts.next();
  await fake.followed(1);
  await server.close();
  expect(await end).toEqual({ done: true, value: undefined });
  await fake.followed(0);
});

it('lets a request under way finish when it closes', async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const fake = new FakeControl({
    outbox: async () => {
      asked.resolve();
      await gate.promise;
      return [];
    },
  });
  const server = await serveForTest(fake.control);
  const answer = createClient(server.socketPath).outbox();
  await asked.promise;
  const closed = server.close();
  gate.resolve();
  expect(await answer).toEqual([]);
  await closed;
});

/** A socket file that nobody listens at, as a killed daemon leaves it: its name was linked to a second one before it closed. */
async function deadSocket(): Promise<string> {
  const folder = testFolder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'first.sock'), resolve));
  linkSync(join(folder, 'first.sock'), join(folder, 'adf.sock'));
  await new Promise((resolve) => server.close(resolve));
  return join(folder, 'adf.sock');
}
