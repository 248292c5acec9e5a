// Delays and resets in error texts.

import { describe, expect, it } from 'vitest';

import { resetAtIn, retryAfterIn } from '../../src/drivers/reset-time.ts';

/** 2026-11-21 10:56:00 UTC, a Saturday. */
const AT_10_56 = 1_795_258_560_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

describe('a delay', () => {
  it.each([
    ['Suggested retry after 2s', 2000],
    ['Please retry in 38.1s.', 38_100],
    ['Retrying in 500 ms', 500],
    ['try again in 5 minutes', 300_000],
    ['try again in 3 hours', 3 * HOUR],
    ['retry after lunch', null],
  ])('%s is %s ms', (text, ms) => {
    expect(retryAfterIn(text)).toBe(ms);
  });
});

describe('a reset', () => {
  it.each([
    ['a minute before', AT_10_56 - MINUTE, AT_10_56],
    ['at that very minute: the next day', AT_10_56, AT_10_56 + DAY],
    ['later that day: the next day', AT_10_56 + 5 * HOUR, AT_10_56 + DAY],
  ])('without a date is the next such minute, asked %s', (_, now, at) => {
    expect(resetAtIn('try again at 10:56 AM.', now, 0)).toBe(at);
  });

  it('is a time of the agent’s zone', () => {
    expect(resetAtIn('try again at 10:56 AM.', AT_10_56 - 3 * HOUR, 2 * HOUR)).toBe(AT_10_56 - 2 * HOUR);
    expect(resetAtIn('try again at 11:30 PM.', AT_10_56 + 9 * HOUR, -5 * HOUR)).toBe(
      AT_10_56 + 17 * HOUR + 34 * MINUTE,
    );
  });

  it.each([
    ["You've hit your limit · resets 10:56am (UTC)", AT_10_56],
    ['try again at 12:00 PM', AT_10_56 + HOUR + 4 * MINUTE],
    ['try again at 12 AM', AT_10_56 + 13 * HOUR + 4 * MINUTE],
    ['try again at Nov 23rd, 2026 10:56 AM.', AT_10_56 + 2 * DAY],
    ['try again at Dec 1 10:56 AM', AT_10_56 + 10 * DAY],
    ['Claude AI usage limit reached|1795258560', AT_10_56],
    ['try again at noon', null],
    ['try again at Foo 3rd, 2026 10:56 AM', null],
  ])('%s', (text, at) => {
    expect(resetAtIn(text, AT_10_56 - HOUR, 0)).toBe(at);
  });

  it('counts leap days', () => {
    expect(resetAtIn('try again at Mar 1st, 2028 12:00 AM', AT_10_56, 0)).toBe(1_835_481_600_000);
    expect(resetAtIn('try again at Feb 29th, 2028 12:00 AM', AT_10_56, 0)).toBe(1_835_395_200_000);
  });
});
