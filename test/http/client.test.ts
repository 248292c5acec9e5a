// The client against a real server on a Unix socket: each verb arrives as it was asked, and each failure as what it is.

import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../src/http/client/client.ts';
import type { Client } from '../../src/http/client/client.ts';
import { MAX_ARGS, MAX_DATA_CHARS, MAX_TASK_CHARS } from '../../src/http/contract.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import type { Control } from '../../src/ports/control.ts';
import { serveForTest, testFolder } from '../support/control-socket.ts';
import { FakeControl, refused } from '../support/fake-control.ts';
import { facts } from '../support/views.ts';

async function connected(script: Partial<Control> = {}): Promise<{ fake: FakeControl; client: Client }> {
  const fake = new FakeControl(script);
  const { socketPath } = await serveForTest(fake.control);
  return { fake, client: createClient(socketPath) };
}

describe('each verb', () => {
  const NAME = 'demo/a b?#%é';
  it.each<[string, (client: Client) => Promise<unknown>, readonly unknown[]]>([
    ['status', (client) => client.status(), []],
    ['agents', (client) => client.agents(), []],
    ['runs', (client) => client.runs({ agent: NAME, limit: 5 }), [{ agent: NAME, limit: 5 }]],
    ['show', (client) => client.show('r7m1'), ['r7m1']],
    ['logs', (client) => client.logs('r7m1', 3, 'err'), ['r7m1', 3, 'err']],
    ['run', (client) => client.run('steward', { key: 'k' }), ['steward', { key: 'k' }]],
    [
      'run',
      (client) => client.run('steward', { key: 'k', task: 'do\nit', args: ['--x', ''] }),
      ['steward', { key: 'k', task: 'do\nit', args: ['--x', ''] }],
    ],
    ['emit', (client) => client.emit(NAME, { key: 'k', data: '{}' }), [NAME, { key: 'k', data: '{}' }]],
    ['cancel', (client) => client.cancel('r7m1'), ['r7m1']],
    ['retry', (client) => client.retry('r7m1', 'k'), ['r7m1', 'k']],
    ['release', (client) => client.release('demo/steward'), ['demo/steward']],
    ['why', (client) => client.why('steward'), ['steward']],
    ['next', (client) => client.next(86_400_000), [86_400_000]],
    ['drain', (client) => client.drain({ end: true, by: 'eva' }), [{ end: true, by: 'eva' }]],
    ['reload', (client) => client.reload('eva'), ['eva']],
    ['breakers', (client) => client.breakers(), []],
    [
      'breaker',
      (client) => client.breaker('demo', 'isolate', { by: 'eva', reason: '' }),
      ['demo', 'isolate', { by: 'eva', reason: '' }],
    ],
    ['resumed', (client) => client.resumed('demo', 'eva'), ['demo', 'eva']],
    ['issues', (client) => client.issues(), []],
    ['outbox', (client) => client.outbox(), []],
  ])('%s arrives as it was asked and answers what Control says', async (verb, ask, input) => {
    const { fake, client } = await connected();
    const answered = await ask(client);
    expect(fake.calls).toEqual([{ verb, input }]);
    const wanted = (fake.control[verb as keyof Control] as (...input: readonly unknown[]) => unknown)(...input);
    expect(answered).toEqual(await wanted);
  });

  it.each(['', '.', '..'])('refuses "%s" as a name before anything is sent', async (name) => {
    const { fake, client } = await connected();
    expect(() => client.show(name)).toThrow(OperationalError);
    expect(fake.calls).toEqual([]);
  });
});

describe('an error', () => {
  it.each([
    ['agent.unknown', 404],
    ['run.ambiguous', 409],
    ['invalid_request', 400],
    ['run.not_ended', 409],
  ])('of code %s arrives with its code and message', async (code) => {
    const { client } = await connected({ why: async () => refused(code, 'no such thing') });
    await expect(client.why('x')).rejects.toMatchObject({ code, message: 'no such thing' });
  });

  it('of the world outside keeps its code', async () => {
    const { client } = await connected({
      status: async () => {
        throw new OperationalError('storage', 'the disk is full');
      },
    });
    await expect(client.status()).rejects.toMatchObject({ code: 'storage', message: 'the disk is full' });
  });

  it('that nobody expected is told to the daemon and not to the client', async () => {
    const crashes: unknown[] = [];
    const broken = new TypeError('secret detail');
    const fake = new FakeControl({
      status: async () => {
        throw broken;
      },
    });
    const { socketPath } = await serveForTest(fake.control, crashes);
    await expect(createClient(socketPath).status()).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret') as unknown,
    });
    expect(crashes).toEqual([broken]);
  });

  it('of an absent socket says which', async () => {
    const path = join(testFolder(), 'adf.sock');
    await expect(createClient(path).status()).rejects.toMatchObject({
      code: 'daemon_unreachable',
      message: `no daemon runs here: there is no socket ${path}`,
    });
  });

  it('of a reply cut before its head is a lost reply', async () => {
    const client = createClient(await rawServer((request) => request.socket.destroy()));
    await expect(client.status()).rejects.toMatchObject({ code: 'reply_lost' });
  });

  it('of a reply cut within its body is a lost reply', async () => {
    const path = await rawServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"name":', () => request.socket.destroy());
    });
    await expect(createClient(path).status()).rejects.toMatchObject({ code: 'reply_lost' });
  });

  it('of a server that is not ours is a bad reply', async () => {
    const path = await rawServer((_request, response) => response.end('<html>'));
    await expect(createClient(path).status()).rejects.toMatchObject({ code: 'bad_reply' });
  });
});

describe('bounds', () => {
  it.each<[string, (client: Client) => Promise<unknown>, string | null]>([
    ['a key is required', (client) => client.retry('r7m1', ''), 'key'],
    ['a key has no spaces', (client) => client.retry('r7m1', 'a b'), 'key'],
    ['a key may have 200 characters', (client) => client.retry('r7m1', 'k'.repeat(200)), null],
    ['a key has no 201 characters', (client) => client.retry('r7m1', 'k'.repeat(201)), 'key'],
    ['a task may be that long', (client) => runWith(client, { task: 'é'.repeat(MAX_TASK_CHARS) }), null],
    ['a task may not be longer', (client) => runWith(client, { task: 'é'.repeat(MAX_TASK_CHARS + 1) }), 'task'],
    ['so many arguments', (client) => runWith(client, { args: Array<string>(MAX_ARGS).fill('x') }), null],
    ['not one argument more', (client) => runWith(client, { args: Array<string>(MAX_ARGS + 1).fill('x') }), 'args'],
    ['data may be that long', (client) => client.emit('e', { key: 'k', data: '𝄞'.repeat(MAX_DATA_CHARS / 2) }), null],
    [
      'data may not be longer',
      (client) => client.emit('e', { key: 'k', data: 'x'.repeat(MAX_DATA_CHARS + 1) }),
      'data',
    ],
    ['runs in such numbers', (client) => client.runs({ limit: 10_000 }), null],
    ['runs not in larger numbers', (client) => client.runs({ limit: 10_001 }), 'limit'],
  ])('%s', async (_title, ask, key) => {
    const { fake, client } = await connected();
    if (key === null) {
      await ask(client);
      expect(fake.calls).toHaveLength(1);
      return;
    }
    await expect(ask(client)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(`${key}: `) as unknown,
    });
    expect(fake.calls).toEqual([]);
  });

  it('refuses a body that no request can need before it is read', async () => {
    const { fake, client } = await connected();
    const tooLong = client.emit('e', { key: 'k', data: 'x'.repeat(6 * MAX_DATA_CHARS) });
    await expect(tooLong).rejects.toMatchObject({ code: 'too_large' });
    expect(fake.calls).toEqual([]);
  });
});

describe('facts', () => {
  const [first, second, third] = facts(
    { kind: 'storage.recovered' },
    { kind: 'storage.recovered' },
    { kind: 'storage.recovered' },
  );

  it('of the past end by themselves', async () => {
    const { fake, client } = await connected();
    fake.past = [first!, second!];
    expect(await all(client.facts({ last: 1, follow: false }, never()))).toEqual([second]);
  });

  it('follow the past without a gap and without one twice', async () => {
    const { fake, client } = await connected();
    fake.script = {
      recent: async () => {
        fake.tell(second!);
        fake.tell(third!);
        return [first!, second!];
      },
    };
    const stream = client.facts({ last: 10, follow: true }, never());
    const told = [await stream.next(), await stream.next(), await stream.next()];
    expect(told.map((next) => next.value)).toEqual([first, second, third]);
    await stream.return();
    await fake.followed(0);
  });

  it('stop when the reader asks for it', async () => {
    const { fake, client } = await connected();
    const stop = new AbortController();
    const stream = client.facts({ last: 0, follow: true }, stop.signal);
    const next = stream.next();
    await fake.followed(1);
    fake.tell(first!);
    expect((await next).value).toEqual(first);
    const end = stream.next();
    stop.abort();
    expect((await end).done).toBe(true);
    await fake.followed(0);
  });

  it('are cut for a reader that does not keep up', async () => {
    const { fake, client } = await connected();
    const stream = client.facts({ last: 0, follow: true }, never());
    const next = stream.next();
    await fake.followed(1);
    for (let index = 0; index < 20_000; index += 1) {
      fake.tell(first!);
    }
    await fake.followed(0);
    expect((await next).value).toEqual(first);
    await expect(all(stream)).rejects.toMatchObject({ code: 'stream_cut' });
  });
});

function runWith(
  client: Client,
  input: { readonly task?: string; readonly args?: readonly string[] },
): Promise<unknown> {
  return client.run('steward', { key: 'k', ...input });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function all<Value>(stream: AsyncIterable<Value>): Promise<readonly Value[]> {
  const values: Value[] = [];
  for await (const value of stream) {
    values.push(value);
  }
  return values;
}

async function rawServer(listener: RequestListener): Promise<string> {
  const path = join(testFolder(), 'raw.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return path;
}
