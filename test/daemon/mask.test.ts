// Secrets in an output are covered in the file and in what is read of it, however the output is cut into pieces.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactWithin } from '../../src/core/redact.ts';
import { Mask } from '../../src/daemon/mask.ts';

const SECRETS = ['hunter2-hunter2', 'hunter2-hunter', 'päss/wörd', 'first line\nsecond line'];

/** What the file holds in the end, and what was read of it, when `text` came in pieces that end at `cuts`. */
function masked(text: string, cuts: readonly number[], secrets: readonly string[] = SECRETS) {
  const file = Buffer.from(text);
  const mask = new Mask(() => secrets);
  const passed: Buffer[] = [];
  let from = 0;
  for (const to of [...cuts.filter((cut) => cut < file.length).toSorted((a, b) => a - b), file.length]) {
    const { clean, covers } = mask.push(Uint8Array.from(file.subarray(from, to)), from);
    passed.push(Buffer.from(clean));
    covers.forEach(({ at, bytes }) => file.set(bytes, at));
    from = to;
  }
  passed.push(Buffer.from(mask.end()));
  return { file: file.toString(), read: Buffer.concat(passed).toString() };
}

describe('a mask', () => {
  it.each([
    ['a hunter2-hunter2 b', 'a [redacted]***** b'],
    ['a hunter2-hunter b', 'a [redacted]**** b'],
    ['päss/wörd', '[redacted]*'],
    ['p%C3%A4ss%2Fw%C3%B6rd', '[redacted]***********'],
    ['"first line\\nsecond line"', '"[redacted]*************"'],
    ['second line', '[redacted]*'],
    ['hunter2-', 'hunter2-'],
    ['', ''],
  ])('makes %j to %j', (text, expected) => {
    expect(masked(text, [])).toEqual({ file: expected, read: expected });
  });

  it('covers a short secret with stars alone', () => {
    expect(masked('x abcdef x', [], ['abcdef']).file).toBe('x ****** x');
  });

  it('leaves no secret in file or reader, loses no byte and moves none, whatever the pieces', () => {
    const piece = fc.constantFrom(...SECRETS, 'hunter2', '-hunter', ' ', '\n', 'p', 'ä', 'first line', '"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(120)), (pieces, cuts) => {
        const text = pieces.join('');
        const { file, read } = masked(text, cuts);

        expect(read).toBe(file);
        expect(Buffer.byteLength(file)).toBe(Buffer.byteLength(text));
        expect(SECRETS.filter((secret) => file.includes(secret))).toEqual([]);
      }),
    );
  });

  it('passes everything on at once where there is no secret', () => {
    const { clean, covers } = new Mask(() => []).push(Buffer.from('hunter'), 0);

    expect([Buffer.from(clean).toString(), covers]).toEqual(['hunter', []]);
  });
});

describe('redactWithin', () => {
  it('cleans texts at any depth, and leaves numbers, keys and our own words', () => {
    const value = { kind: 'canceled', at: 1234567, texts: ['with hunter2-hunter2', null, true] };

    expect(redactWithin(value, ['hunter2-hunter2', 'canceled', '1234567'])).toEqual({
      ...value,
      texts: ['with [redacted]', null, true],
    });
  });
});
