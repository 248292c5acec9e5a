// Each rule of a seed document has a test whose title begins with the rule's number.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The documents whose rules we keep: the letter of their rules, how many there are, and the file with their tests. */
const DOCUMENTS = [
  { name: 'project controls', letter: 'P', rules: 21, file: 'project-controls.test.ts' },
  { name: 'watchdog', letter: 'W', rules: 18, file: 'watchdog.test.ts' },
  { name: 'reconciler', letter: 'R', rules: 18, file: 'reconciler.test.ts' },
  { name: 'alerts', letter: 'A', rules: 22, file: 'alerts.test.ts' },
  { name: 'observability', letter: 'O', rules: 14, file: 'observability.test.ts' },
] as const;

/** Cases that the seeds test themselves; a title says `(case 16)`. */
const CASES: Readonly<Record<string, readonly number[]>> = {
  P: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  A: [12, 13, 14, 15],
  O: [16, 17, 18, 19],
};

const textOf = (file: string): string => {
  const path = join(import.meta.dirname, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** Rules named at the beginning of a title; `P1 and P3 …` or `P1, P3 …` names both. */
function rulesIn(text: string, letter: string): ReadonlySet<number> {
  const titles = text.matchAll(new RegExp(`['"\`]((?:${letter}\\d+(?:,? (?:and )?)?)+)`, 'g'));
  return new Set(
    [...titles].flatMap(([, named = '']) => [...named.matchAll(/\d+/g)].map(([digits]) => Number(digits))),
  );
}

describe('each rule of a seed has a test', () => {
  it.each(DOCUMENTS)('$name', ({ letter, rules, file }) => {
    const tested = rulesIn(textOf(file), letter);
    const all = Array.from({ length: rules }, (_, index) => index + 1);
    expect(all.filter((rule) => !tested.has(rule)).map((rule) => `${letter}${rule}`)).toEqual([]);
    expect([...tested].filter((rule) => rule > rules)).toEqual([]);
  });

  it.each(Object.entries(CASES))('%s: and each case that the seed tests itself', (letter, cases) => {
    const text = textOf(DOCUMENTS.find((document) => document.letter === letter)?.file ?? '');
    expect(cases.filter((each) => !text.includes(`(case ${each})`))).toEqual([]);
  });

  it('finds no rule where there is no test', () => {
    expect([...rulesIn("it('W1 every 30 s'); it('W3 and W4 in order'); it('about W5')", 'W')]).toEqual([1, 3, 4]);
  });
});
