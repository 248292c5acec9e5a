import { describe, expect, it } from 'vitest';
import { resultText } from '../../../src/core/react/comment-text.ts';
import { MAX_COMMENT_BYTES } from '../../../src/core/react/comment-text.ts';
import { excerpt, excerptReads } from '../../../src/core/react/output-excerpt.ts';
import { utf8Length } from '../../../src/lib/cut-text.ts';

const KIB = 1024;
const SECRET = 'correct-horse-battery-staple';

/** The excerpt of `output` as it would be read from a file. */
function excerptOf(output: string): string {
  const bytes = new TextEncoder().encode(output);
  const texts = excerptReads(bytes.length).map((part) =>
    new TextDecoder().decode(bytes.subarray(part.from, part.from + part.bytes)),
  );
  return excerpt(texts, bytes.length, [SECRET]);
}

describe('the excerpt of an output', () => {
  it('is all of a short one', () => {
    expect(excerptOf('one\ntwo\n')).toBe('one\ntwo\n');
  });

  it.each([100 * KIB, 151 * KIB, 10_000 * KIB])(
    'keeps beginning and end of %i bytes, and says what is missing',
    (size) => {
      const text = excerptOf(`first line\n${'x'.repeat(size)}\nlast line\n`);
      expect(text).toMatch(/^first line\n/);
      expect(text).toMatch(/\nlast line\n$/);
      expect(text).toMatch(/\n… \d+ bytes left out …\n/);
      expect(utf8Length(text)).toBeLessThan(56 * KIB);
    },
  );

  it('shows a secret neither whole nor by half, wherever it stands', () => {
    for (const at of [
      0,
      18 * KIB - 10,
      18 * KIB,
      66 * KIB - 10,
      500 * KIB - 84 * KIB - 10,
      500 * KIB - 36 * KIB - 10,
    ]) {
      const text = excerptOf(`${'y'.repeat(at)}${SECRET}${'z'.repeat(500 * KIB - at)}`);
      expect([at, /correct|horse|battery|staple/.test(text)]).toEqual([at, false]);
    }
  });

  it('never cuts a character in two', () => {
    expect(excerptOf('😀'.repeat(100_000)).replace(/😀|\n… \d+ bytes left out …\n/gu, '')).toBe('');
  });

  it('makes a comment that fits, whatever is in it', () => {
    for (const filler of ['a', '`', '😀', '<!-- adf:issue ', '\u0000', '@you #1 ']) {
      const output = excerptOf(filler.repeat(200_000));
      const text = resultText({ run: 'r1', agent: 'p/a', state: 'succeeded', at: 0, output }, [SECRET]);
      expect(utf8Length(text)).toBeLessThanOrEqual(MAX_COMMENT_BYTES - 500);
    }
  });
});
