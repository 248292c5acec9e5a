// Times of day in the reader's zone, with their date where it is another day.

import { afterEach, expect, it } from 'vitest';
import { createTimes, localCalendar } from '../../../src/cli/render/times.ts';
import { utcCalendar } from '../../support/look.ts';

const NOON = Date.UTC(2026, 10, 21, 12, 0, 0);
const ZONE = process.env['TZ'];

afterEach(() => {
  if (ZONE === undefined) {
    delete process.env['TZ'];
  } else {
    process.env['TZ'] = ZONE;
  }
});

it.each<[string, number, string]>([
  ['UTC', NOON - 1, '11:59:59'],
  ['UTC', Date.UTC(2026, 10, 21), '00:00:00'],
  ['UTC', Date.UTC(2026, 10, 21) - 1, '11-20 23:59:59'],
  ['UTC', Date.UTC(2026, 10, 22), '11-22 00:00:00'],
  ['UTC', Date.UTC(2025, 10, 21, 12), '2025-11-21 12:00:00'],
  ['Pacific/Chatham', NOON, '01:45:00'],
  ['Pacific/Chatham', Date.UTC(2026, 10, 21, 10, 0, 0), '11-21 23:45:00'],
  ['America/New_York', NOON, '07:00:00'],
])('in %s %i is %s', (zone, at, text) => {
  process.env['TZ'] = zone;
  const times = createTimes(NOON, localCalendar);
  expect(times.time(at)).toBe(text);
  expect(times.short(at)).toBe(text.slice(0, -3));
});

it('has milliseconds where they matter', () => {
  expect(createTimes(NOON, utcCalendar).exact(NOON + 7)).toBe('12:00:00.007');
});

it.each([
  [499, 'now'],
  [-499, 'now'],
  [500, 'in 0.5 s'],
  [-500, '0.5 s ago'],
  [12_000, 'in 12 s'],
  [-7_200_000, '2 h ago'],
])('%i ms away is "%s"', (ms, text) => {
  expect(createTimes(NOON, utcCalendar).away(NOON + ms)).toBe(text);
});
