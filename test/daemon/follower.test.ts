// One output that two read at once: whoever watches it, and whoever was told of its end meanwhile.

import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { Follower } from '../../src/daemon/follower.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import type { StreamReader } from '../../src/ports/agent-driver.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';

/** Several pieces of what is read in one go. */
const LINES = Array.from({ length: 40 }, (_, at) => `${at}:${'x'.repeat(50_000)}`);

it('hands on each line once, and all of them before it is finished', async () => {
  const text = Buffer.from(`${LINES.join('\n')}\nthe last, without a break`);
  const files = {
    size: async () => Promise.resolve(text.length),
    read: async (_path: string, from: number, limit: number) => Promise.resolve(text.subarray(from, from + limit)),
    cover: async () => Promise.resolve(),
    findBelow: async () => Promise.resolve(null),
  };
  const said: string[] = [];
  const reader: StreamReader = Object.create(driverFor('sh').reader(), {
    push: { value: (line: string) => said.push(line) },
  }) as StreamReader;
  const follower = new Follower({ files, secrets: fakeSecrets() }, reader, { out: 'out', err: null });
  const watching = follower.advance();
  await follower.finish();
  expect(said).toEqual([...LINES, 'the last, without a break']);
  expect(await watching).toBe(true);
});

it('covers a secret at the next look where it could not be covered at once, and hands its line on once', async () => {
  const text = Buffer.from('the key is s3cret-value\n');
  const covered: { at: number; bytes: Uint8Array }[] = [];
  let fails = true;
  const files = {
    size: async () => Promise.resolve(text.length),
    read: async (_path: string, from: number, limit: number) => Promise.resolve(text.subarray(from, from + limit)),
    cover: async (_path: string, covers: readonly { readonly at: number; readonly bytes: Uint8Array }[]) => {
      if (fails) {
        throw new Error('EMFILE');
      }
      covered.push(...covers);
      return Promise.resolve();
    },
    findBelow: async () => Promise.resolve(null),
  };
  const said: string[] = [];
  const reader: StreamReader = Object.create(driverFor('sh').reader(), {
    push: { value: (line: string) => said.push(line) },
  }) as StreamReader;
  const follower = new Follower({ files, secrets: fakeSecrets(['s3cret-value']) }, reader, { out: 'out', err: null });
  await expect(follower.advance()).rejects.toThrow('EMFILE');
  fails = false;
  await follower.advance();
  await follower.finish();
  expect([covered.map(({ at }) => at), said]).toEqual([[11], ['the key is [redacted]**']]);
});
