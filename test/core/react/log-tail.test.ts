// The end of a log as an issue shows it: whole lines, and never a part of a secret.

import { describe, expect, it } from 'vitest';
import { lastLines } from '../../../src/core/react/log-tail.ts';

const SECRET = 'correct-horse-battery-staple';

function tail(text: string, rest: { readonly beginsInside?: boolean; readonly maxBytes?: number } = {}): string {
  return lastLines(text, { beginsInside: false, maxBytes: 100, secrets: [SECRET], ...rest });
}

describe('lastLines', () => {
  it('takes a short log as it is', () => {
    expect(tail('one\ntwo\n')).toBe('one\ntwo');
  });

  it('leaves out the first line of what begins inside a longer log: it may be half a secret', () => {
    expect(tail(`${SECRET.slice(5)}\ntwo\n`, { beginsInside: true })).toBe('two');
    expect(tail(SECRET.slice(5), { beginsInside: true })).toBe('');
  });

  it.each([
    [9, 'three'],
    [10, 'two\nthree'],
  ])('keeps the last lines that fit into %s bytes', (maxBytes, kept) => {
    expect(tail('one\ntwo\nthree\n', { maxBytes })).toBe(kept);
  });

  it('redacts before it cuts, so that no end of a secret is left over', () => {
    expect(tail(`${'x'.repeat(80)} ${SECRET}\nend\n`, { maxBytes: 20 })).toBe('end');
    expect(tail(`only ${SECRET}`, { maxBytes: 5 })).toBe('only [redacted]');
  });

  it('counts bytes, not characters', () => {
    expect(tail('äöü\nend', { maxBytes: 10 })).toBe('end');
    expect(tail('äöü\nend', { maxBytes: 11 })).toBe('äöü\nend');
  });
});
