// Foreign text in an issue: nothing in it acts, nothing in it escapes, and it stays within its size.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentMarker, holdsMarker, issueMarker } from '../../../src/core/react/marker.ts';
import { codeSpan, cutColumns, fence, inert, printable, tableCell } from '../../../src/core/react/untrusted-text.ts';

const ZERO_WIDTH_SPACE = '\u200B';
const ticksAndText = fc.string({
  unit: fc.constantFrom('`', '\n', 'a', '~', ' ', '<!-- adf:issue -->', '🏭'),
  maxLength: 300,
});

describe('printable', () => {
  it.each([
    ['\u001B[31mred\u001B[0m', 'red'],
    ['\u001B]8;;http://x\u0007link\u001B]8;;\u001B\\', 'link'],
    ['a\u0000b\u0008c\u007Fd\u009Be', 'abcde'],
    ['one\r\ntwo\rthree\n', 'one\ntwo\nthree\n'],
    ['tab\tstays', 'tab\tstays'],
    ['txt.\u202Eexe', 'txt.exe'],
    ['half \uD83C', 'half \uFFFD'],
  ])('makes %j into %j', (text, clean) => {
    expect(printable(text)).toBe(clean);
  });
});

describe('fence', () => {
  it.each([
    ['plain', '```\nplain\n```'],
    ['with ``` inside', '````\nwith ``` inside\n````'],
    ['`one`', '```\n`one`\n```'],
    ['ends with lines\n\n\n', '```\nends with lines\n```'],
    ['', '```\n\n```'],
  ])('wraps %j', (text, fenced) => {
    expect(fence(text, 1000)).toBe(fenced);
  });

  it('uses one backtick more than the longest run, stays within its size and holds no marker', () => {
    fc.assert(
      fc.property(ticksAndText, fc.integer({ min: 150, max: 600 }), (text, limit) => {
        const fenced = fence(text, limit);

        const [first = '', ...rest] = fenced.split('\n');
        const last = rest.pop();
        const inside = rest.join('\n');
        expect(first).toMatch(/^`{3,}$/);
        expect(last).toBe(first);
        expect(inside).not.toContain(first);
        const longest = Math.max(2, ...(inside.match(/`+/g) ?? []).map((run) => run.length));
        expect(first.length).toBeLessThanOrEqual(Math.max(3, longest + 1));
        expect(Buffer.byteLength(fenced)).toBeLessThanOrEqual(limit);
        expect(inside).not.toContain('<!-- adf:');
      }),
    );
  });

  it('does not grow with a run of backticks as long as the text', () => {
    expect(Buffer.byteLength(fence('`'.repeat(59_000), 60_000))).toBeLessThanOrEqual(60_000);
  });

  it('does not let a log pass for an issue of ours', () => {
    const marker = issueMarker({ fingerprint: 'pause/sandbox', incident: 'i1' });

    expect(holdsMarker(fence(`x\n${marker}\ny`, 1000), marker)).toBe(false);
  });
});

describe('codeSpan and tableCell', () => {
  it.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['two\nlines', '`two lines`'],
    ['', '–'],
  ])('makes %j inline code', (text, code) => {
    expect(codeSpan(text)).toBe(code);
  });

  it('keeps a bar from ending its cell', () => {
    expect(tableCell(codeSpan('a | b'))).toBe('`a \\| b`');
  });
});

describe('inert', () => {
  it.each([
    ['@alice', `@${ZERO_WIDTH_SPACE}alice`],
    ['fixes #1 and owner/repo!2', `fixes #${ZERO_WIDTH_SPACE}1 and owner/repo!${ZERO_WIDTH_SPACE}2`],
    ['http://gitea.test/a/b/issues/1', `http:${ZERO_WIDTH_SPACE}//gitea.test/a/b/issues/1`],
    ['line\nbreak', 'line break'],
  ])('breaks %j', (text, broken) => {
    expect(inert(text)).toBe(broken);
  });
});

describe('cutColumns', () => {
  it.each([
    ['abcde', 5, 'abcde'],
    ['abcdef', 5, 'abc…'],
    ['ああ', 4, 'ああ'],
    ['あああ', 5, 'あ…'],
    ['x👩‍👩‍👧y', 6, 'x…'],
  ])('cuts %j to %d columns', (text, columns, cut) => {
    expect(cutColumns(text, columns)).toBe(cut);
  });
});

describe('markers', () => {
  it('hold no double dash between their ends, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('-', '>', 'a', '%', ' ', '\n', 'é', '🏭') }), (text) => {
        for (const marker of [issueMarker({ fingerprint: text, incident: text }), commentMarker(text)]) {
          expect(marker.slice(4, -3)).not.toContain('--');
          expect(marker.slice(4, -3)).not.toMatch(/[\n>]/);
        }
      }),
    );
  });

  it('differ wherever what they are made of differs', () => {
    const value = fc.string({ unit: fc.constantFrom('-', '%', '0', '2', 'd', 'a'), maxLength: 12 });

    fc.assert(fc.property(value, value, (a, b) => a === b || commentMarker(a) !== commentMarker(b)));
  });

  it('are found on a line of their own only', () => {
    const marker = commentMarker('r7m1');

    expect(holdsMarker(`text\n${marker}\r\nmore`, marker)).toBe(true);
    expect(holdsMarker(`> ${marker}`, marker)).toBe(false);
    expect(holdsMarker(`see ${marker}`, marker)).toBe(false);
    expect(holdsMarker(`text\n${commentMarker('r7m')}`, marker)).toBe(false);
  });
});
