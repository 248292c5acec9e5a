// Instants as UTC dates: leap days, ends of years, and instants before 1970, against the platform's own calendar.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUtc, formatUtcTime } from '../../src/lib/utc.ts';

describe('formatUtc', () => {
  it.each([
    [0, '1970-01-01 00:00:00'],
    [-1, '1969-12-31 23:59:59'],
    [Date.UTC(2026, 10, 21, 10, 30, 45, 999), '2026-11-21 10:30:45'],
    [Date.UTC(2024, 1, 29, 23, 59, 59), '2024-02-29 23:59:59'],
    [Date.UTC(2024, 2, 1), '2024-03-01 00:00:00'],
    [Date.UTC(2100, 1, 28, 12), '2100-02-28 12:00:00'],
    [Date.UTC(2100, 2, 1), '2100-03-01 00:00:00'],
  ])('writes %d as %s', (at, written) => {
    expect(formatUtc(at)).toBe(written);
  });

  it('agrees with the platform for every instant of eight thousand years', () => {
    const instants = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(8000, 0, 1) });

    fc.assert(
      fc.property(instants, (at) => {
        const [date, time] = new Date(Math.floor(at / 1000) * 1000).toISOString().split('T');
        expect(formatUtc(at)).toBe(`${date} ${time?.slice(0, 8)}`);
        expect(formatUtcTime(at)).toBe(time?.slice(0, 8));
      }),
    );
  });
});
