// Tables: aligned columns, folded to the terminal, one line a record in a pipe.

import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../src/cli/render/style.ts';
import { table } from '../../../src/cli/render/table.ts';
import { columnsOf, fold, oneLine, pad } from '../../../src/cli/render/text.ts';
import { asText, testLook } from '../../support/look.ts';

const ROWS = [
  ['a', 'one two three four five six seven eight nine ten'],
  ['long-name', ''],
  ['日本', 'wide'],
];

describe('table', () => {
  it('keeps a record on one line in a pipe', () => {
    expect(asText(table(['NAME', 'WHY'], ROWS, testLook()))).toBe(`
NAME       WHY
a          one two three four five six seven eight nine ten
long-name  –
日本       wide
`);
  });

  it('folds its last column to the width of the terminal', () => {
    expect(asText(table(['NAME', 'WHY'], ROWS, testLook(40)))).toBe(`
NAME       WHY
a          one two three four five six
           seven eight nine ten
long-name  –
日本       wide
`);
  });

  it.each([
    [11 + 24, 2],
    [11 + 23, 1],
  ])('in %i columns takes %i lines for the record: it folds where 24 columns are left', (width, lines) => {
    expect(
      table(['NAME', 'WHY'], [['long-name', 'x'.repeat(20) + ' ' + 'y'.repeat(20)]], testLook(width)),
    ).toHaveLength(1 + lines);
  });

  it('colours cells without moving columns', () => {
    const look = { ...testLook(), style: createStyle(true) };
    const [, first] = table(['A', 'B', 'C'], [[{ text: 'x', tone: 'bad' }, 'y', { text: 'z', tone: 'good' }]], look);
    expect(first).toBe('\u001B[31mx\u001B[39m  y  \u001B[32mz\u001B[39m');
  });

  it('has a column alone', () => {
    expect(table(['A'], [['x']], testLook())).toEqual(['A', 'x']);
  });
});

it.each([
  ['abc', 3],
  ['–→·…×', 5],
  ['日本', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['🏭', 2],
  ['a\u200Bb', 2],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
  expect(columnsOf(pad(text, 10))).toBe(10);
});

it.each<[string, number, readonly string[]]>([
  ['', 5, ['']],
  ['ab cd', 5, ['ab cd']],
  ['ab cde', 5, ['ab', 'cde']],
  ['abcdefgh ij', 5, ['abcdefgh', 'ij']],
])('folds "%s" to %i columns', (text, columns, lines) => {
  expect(fold(text, columns)).toEqual(lines);
});

it('makes one harmless line of any text', () => {
  expect(oneLine(' a\r\n\tb \u001B]8;;http://x\u0007link\u001B[0m\u0000 ')).toBe('a b link');
});
