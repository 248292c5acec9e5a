// What the lines of a meter come to.

import { describe, expect, it } from 'vitest';

import { REACHED_NOBODY, writeMeterLine } from '../../../src/core/metering/meter-line.ts';
import type { MeterLine } from '../../../src/core/metering/meter-line.ts';
import { MeterReading } from '../../../src/core/metering/meter-reading.ts';
import type { Metered } from '../../../src/core/metering/meter-reading.ts';

const TOKENS = { input: 10, cacheRead: 4, cacheWrite: 0, output: 5, reasoning: 1 };
const TWICE = { input: 20, cacheRead: 8, cacheWrite: 0, output: 10, reasoning: 2 };
const ZERO = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

const begun = (n: number): MeterLine => ({ k: 'begun', n, at: 1 });
const counted = (n: number, tokens: object = {}, model: string | null = 'm'): MeterLine => ({
  k: 'counted',
  n,
  model,
  id: 'x',
  tokens: { ...TOKENS, ...tokens },
});
const ended = (n: number, status: number | null = 200, whole = true): MeterLine => ({ k: 'ended', n, status, whole });

function read(...lines: readonly (MeterLine | string)[]): Metered | null {
  const reading = new MeterReading();
  lines.forEach((line) => reading.push(typeof line === 'string' ? line : writeMeterLine(line).trimEnd()));
  return reading.metered();
}

/** What a request is like, its lines, requests that are uncounted then, and the usage. */
type Case = readonly [string, readonly MeterLine[], number, object | null];

describe('the reading of a meter', () => {
  it('is nothing before a request came by: the CLI may not have asked through it', () => {
    expect(read()).toBeNull();
  });

  it('adds up requests model by model', () => {
    expect(read(begun(1), counted(1), ended(1), begun(2), counted(2, {}, 'n'), ended(2))).toEqual({
      usage: TWICE,
      byModel: [
        { model: 'm', usage: TOKENS },
        { model: 'n', usage: TOKENS },
      ],
      requests: 2,
      uncounted: 0,
    });
  });

  it('takes the last word on a request', () => {
    const metered = read(begun(1), counted(1, { output: null }), counted(1), ended(1));
    expect([metered?.usage, metered?.uncounted]).toEqual([TOKENS, 0]);
  });

  it.each<Case>([
    ['is in flight', [], 1, null],
    ['is in flight, with its input told', [counted(1, { output: null })], 1, { ...TOKENS, output: null }],
    ['was broken off', [counted(1), ended(1, 200, false)], 1, TOKENS],
    ['was answered without figures', [ended(1)], 1, null],
    ['was sent and not answered', [ended(1, null, false)], 1, null],
    ['was refused', [ended(1, 429)], 0, ZERO],
    ['was refused with the smallest number of a refusal', [ended(1, 400)], 0, ZERO],
    ['was answered with the greatest number that is none', [ended(1, 399)], 1, null],
    ['reached nobody', [ended(1, REACHED_NOBODY, false)], 0, ZERO],
  ])('says what it does not know of a request that %s', (...row) => {
    const [, lines, uncounted, usage] = row;
    const metered = read(begun(1), ...lines);
    expect([metered?.usage, metered?.uncounted, metered?.requests]).toEqual([usage, uncounted, 1]);
  });

  it('keeps a kind unknown that no request tells, and sums what is told beside it', () => {
    const none = { reasoning: null };
    expect(read(begun(1), counted(1, none), ended(1), begun(2), counted(2, none), ended(2))?.usage).toEqual({
      ...TWICE,
      reasoning: null,
    });
  });

  it('tells no models apart where one answer names none', () => {
    const metered = read(begun(1), counted(1), ended(1), begun(2), counted(2, {}, null), ended(2));
    expect([metered?.usage, metered?.byModel]).toEqual([TWICE, []]);
  });

  it('counts lines that were lost as requests of which nothing is known', () => {
    expect(read(begun(1), { k: 'lost', lines: 3 }, counted(1), ended(1))).toMatchObject({
      usage: TOKENS,
      uncounted: 3,
    });
  });

  it('passes over what is no line of a meter, and what belongs to no request', () => {
    const odd = [
      '',
      '{',
      'null',
      '[]',
      '{"k":"begun"}',
      '{"k":"counted","n":"1"}',
      '{"k":"ended","n":-1}',
      '{"k":"lost"}',
      '{"k":"x"}',
    ];
    expect(read(...odd, counted(7), ended(7))).toBeNull();
    expect(read(begun(1), '{"k":"counted","n":1,"tokens":{"input":"9","output":2}}', ended(1))?.usage).toEqual({
      input: null,
      cacheRead: null,
      cacheWrite: null,
      output: 2,
      reasoning: null,
    });
  });

  it('remembers a bounded number of open requests: the oldest is given up, with what it told', () => {
    const many = Array.from({ length: 513 }, (_, index) => [begun(index), counted(index)]).flat();
    expect(read(...many)).toMatchObject({ requests: 513, uncounted: 513, usage: { input: 5130 } });
  });

  it('tells a bounded number of models apart', () => {
    const lines = (many: number): readonly MeterLine[] =>
      Array.from({ length: many }, (_, index) => [begun(index), counted(index, {}, `m${index}`), ended(index)]).flat();
    expect(read(...lines(64))?.byModel).toHaveLength(64);
    expect(read(...lines(65))).toMatchObject({ byModel: [], usage: { input: 650 } });
  });
});
