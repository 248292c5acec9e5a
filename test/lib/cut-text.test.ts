// Cutting text to bytes: the limit holds, head and tail stay, no character is halved.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutMiddle, utf8Length } from '../../src/lib/cut-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });

describe('utf8Length', () => {
  it('counts what the platform would encode', () => {
    fc.assert(fc.property(anyText, (text) => utf8Length(text) === Buffer.byteLength(text, 'utf8')));
  });
});

describe('cutMiddle', () => {
  it('leaves text alone that fits to the byte', () => {
    expect(cutMiddle('äöü', 6)).toBe('äöü');
  });

  it('keeps the beginning and, more of it, the end of text that is one byte too long', () => {
    const text = `${'a'.repeat(70)}${'z'.repeat(131)}`;

    const cut = cutMiddle(text, 200);

    expect(utf8Length(cut)).toBeLessThanOrEqual(200);
    expect(utf8Length(cut)).toBeGreaterThan(197);
    expect(cut).toMatch(/^a+\n… \d+ bytes left out …\nz+$/);
  });

  it('says exactly how many bytes are missing', () => {
    const cut = cutMiddle('x'.repeat(1000), 300);

    const [, missing] = /… (\d+) bytes left out …/.exec(cut) ?? [];
    expect(cut.replace(/\n….*…\n/, '').length + Number(missing)).toBe(1000);
  });

  it('keeps only the beginning where not even the note fits', () => {
    expect(cutMiddle('abcdefghij'.repeat(10), 5)).toBe('abcde');
    expect(cutMiddle('ääää', 5)).toBe('ää');
    expect(cutMiddle('abc', 0)).toBe('');
  });

  it('never halves a character, never exceeds the limit, and keeps both ends', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 500 }), (text, limit) => {
        const whole = text.toWellFormed();

        const cut = cutMiddle(text, limit);

        expect(Buffer.byteLength(cut, 'utf8')).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        const [head, tail] = cut.split(/\n… \d+ bytes left out …\n/);
        expect(whole.startsWith(head ?? '')).toBe(true);
        expect(whole.endsWith(tail ?? '')).toBe(true);
      }),
    );
  });
});
