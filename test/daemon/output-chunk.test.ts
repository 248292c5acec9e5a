// Output read piece by piece: nothing lost, nothing twice, no character cut, holes shown as one mark.

import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/core/run/run.ts';
import { outputChunk } from '../../src/daemon/output-chunk.ts';
import type { OutputWish } from '../../src/daemon/output-chunk.ts';

const MARK = '\n… output cut here …\n';

class Files {
  readonly content = new Map<string, Uint8Array>();

  put(path: string, ...parts: readonly (string | number)[]): this {
    const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.alloc(part)));
    this.content.set(path, Buffer.concat(bytes));
    return this;
  }

  async size(path: string): Promise<number> {
    return Promise.resolve(this.content.get(path)?.length ?? 0);
  }

  async read(path: string, from: number, limit: number): Promise<Uint8Array> {
    return Promise.resolve(this.content.get(path)?.subarray(from, from + limit) ?? new Uint8Array());
  }
}

const attempt = (id: string, rest: Partial<Attempt> = {}): Attempt =>
  ({ id, purpose: 'main', state: 'ended', outPath: `${id}.out`, errPath: null, ...rest }) as Attempt;

const ONE = [attempt('r1.1')];
const wish = (rest: Partial<OutputWish> = {}): OutputWish => ({
  attempts: ONE,
  ended: true,
  from: 0,
  stream: 'out',
  ...rest,
});

/** Everything from the beginning to the end, and how many pieces it took. */
async function readAll(files: Files, rest: Partial<OutputWish> = {}): Promise<{ text: string; pieces: number }> {
  let text = '';
  let from = 0;
  for (let pieces = 1; pieces < 10_000; pieces += 1) {
    const chunk = await outputChunk(files, wish({ ...rest, from }));
    text += chunk.text;
    if (chunk.ended) {
      return { text, pieces };
    }
    from = chunk.next;
  }
  throw new Error('no end');
}

it('is empty for a run that never started, and at its end when the run has ended', async () => {
  const chunk = { text: '', next: 0, attempt: null };
  expect(await outputChunk(new Files(), wish({ attempts: [], ended: false }))).toEqual({ ...chunk, ended: false });
  expect(await outputChunk(new Files(), wish({ attempts: [] }))).toEqual({ ...chunk, ended: true });
});

it('goes on from one attempt to the next, a piece never holding two', async () => {
  const files = new Files().put('r1.1.out', 'first\n').put('r1.2.out', 'second\n');
  const attempts = [attempt('r1.1'), attempt('r1.2')];
  expect(await outputChunk(files, wish({ attempts }))).toEqual({
    text: 'first\n',
    next: 6,
    ended: false,
    attempt: 'r1.1',
  });
  expect(await outputChunk(files, wish({ attempts, from: 6 }))).toEqual({
    text: 'second\n',
    next: 13,
    ended: true,
    attempt: 'r1.2',
  });
});

it('waits at the end of a live attempt, and finds the retry behind it', async () => {
  const files = new Files().put('r1.1.out', 'first\n');
  const live = [attempt('r1.1', { state: 'running' })];
  expect(await outputChunk(files, wish({ attempts: live, ended: false, from: 6 }))).toEqual({
    text: '',
    next: 6,
    ended: false,
    attempt: 'r1.1',
  });
  files.put('r1.2.out', 'again\n');
  const retried = [attempt('r1.1'), attempt('r1.2', { state: 'running' })];
  expect(await outputChunk(files, wish({ attempts: retried, ended: false, from: 6 }))).toMatchObject({
    text: 'again\n',
    attempt: 'r1.2',
  });
});

it('leaves pre-checks out, unless nothing else came of the run', async () => {
  const files = new Files().put('r1.1p.out', 'checking\n').put('r1.1.out', 'working\n');
  const check = attempt('r1.1p', { purpose: 'precheck' });
  expect((await readAll(files, { attempts: [check, ...ONE] })).text).toBe('working\n');
  expect((await outputChunk(files, wish({ attempts: [check], ended: false }))).text).toBe('');
  expect((await readAll(files, { attempts: [check] })).text).toBe('checking\n');
});

it('reads stderr where it stands apart, and nothing where it does not', async () => {
  const files = new Files().put('r1.1.out', 'out').put('r1.1.err', 'err');
  const apart = [attempt('r1.1', { errPath: 'r1.1.err' })];
  expect((await readAll(files, { attempts: apart, stream: 'err' })).text).toBe('err');
  expect((await readAll(files, { stream: 'err' })).text).toBe('');
});

describe('a character', () => {
  it.each(['é', '界', '𝄞'])('%s is never cut, wherever the pieces meet', async (character) => {
    for (let shift = 0; shift < 4; shift += 1) {
      const text = 'x'.repeat(64 * 1024 - 4 + shift) + character.repeat(10);
      expect((await readAll(new Files().put('r1.1.out', text))).text).toBe(text);
    }
  });

  it('that is half written is waited for while the attempt lives', async () => {
    const live = [attempt('r1.1', { state: 'running' })];
    const files = new Files();
    files.content.set('r1.1.out', Buffer.from('a𝄞').subarray(0, 3));
    const first = await outputChunk(files, wish({ attempts: live, ended: false }));
    expect(first).toMatchObject({ text: 'a', next: 1 });
    expect(await outputChunk(files, wish({ attempts: live, ended: false, from: 1 }))).toMatchObject({
      text: '',
      next: 1,
    });
    files.put('r1.1.out', 'a𝄞b');
    expect(await outputChunk(files, wish({ attempts: live, ended: false, from: 1 }))).toMatchObject({
      text: '𝄞b',
      next: 6,
    });
  });

  it('that stays half written is shown as such at the end', async () => {
    const files = new Files();
    files.content.set('r1.1.out', Buffer.from('a𝄞').subarray(0, 3));
    expect((await readAll(files)).text).toBe('a\uFFFD');
  });

  it('that is no UTF-8 at all holds nothing up', async () => {
    const files = new Files();
    files.content.set('r1.1.out', Buffer.from([0x61, 0xff, 0x80, 0x80, 0x80, 0x80, 0x62]));
    expect((await readAll(files)).text).toMatch(/^a\uFFFD+b$/);
  });
});

describe('a hole', () => {
  it.each([4096, 64 * 1024 - 2, 64 * 1024, 300_000, 20 * 1024 * 1024])(
    'of %i bytes is one mark, in few pieces',
    async (bytes) => {
      const { text, pieces } = await readAll(new Files().put('r1.1.out', 'head\n', bytes, 'tail\n'));
      expect(text).toBe(`head\n${MARK}tail\n`);
      expect(pieces).toBeLessThan(6);
    },
  );

  it('is no mark where a program itself wrote a few zeros', async () => {
    expect((await readAll(new Files().put('r1.1.out', 'a', 4095, 'b', 1))).text).toBe('ab');
  });

  it('at the very end is passed over', async () => {
    expect((await readAll(new Files().put('r1.1.out', 'head\n', 8192))).text).toBe('head\n');
  });
});
