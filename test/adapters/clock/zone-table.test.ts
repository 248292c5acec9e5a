import { describe, expect, it } from 'vitest';
import { zoneTable } from '../../../src/adapters/clock/zone-table.ts';
import type { Zone } from '../../../src/core/trigger/zone.ts';

const DAY = 86_400_000;

describe('a zone read from Intl', () => {
  it.each([
    ['America/New_York', ['2026-03-08T07:00:00Z -4', '2026-11-01T06:00:00Z -5']],
    ['Australia/Lord_Howe', ['2026-04-04T15:00:00Z 10.5', '2026-10-03T15:30:00Z 11']],
    ['Pacific/Chatham', ['2026-04-04T14:00:00Z 12.75', '2026-09-26T14:00:00Z 13.75']],
    ['Asia/Kolkata', []],
    ['UTC', []],
  ])('%s has its changes of 2026', (name, expected) => {
    expect(changes(zoneTable()(name), '2026-01-01', '2027-01-01')).toEqual(expected);
  });

  it('knows the month in which Morocco suspends its summer time', () => {
    expect(changes(zoneTable()('Africa/Casablanca'), '2025-01-01', '2026-01-01')).toEqual([
      '2025-02-23T02:00:00Z 0',
      '2025-04-06T02:00:00Z 1',
    ]);
  });

  it('knows the missing day of Apia', () => {
    expect(changes(zoneTable()('Pacific/Apia'), '2011-12-01', '2012-01-31')).toEqual(['2011-12-30T10:00:00Z 14']);
  });

  it('tells the same, in whatever order it is asked', () => {
    const forwards = zoneTable()('America/Santiago');
    const backwards = zoneTable()('America/Santiago');
    const years = Array.from({ length: 60 }, (_, index) => Date.UTC(1985 + index, 5, 17));
    const told = years.map((at) => forwards.spanAt(at).offsetMs);
    expect(years.toReversed().map((at) => backwards.spanAt(at).offsetMs)).toEqual(told.toReversed());
    expect(changes(backwards, '1985-01-01', '2044-01-01')).toEqual(changes(forwards, '1985-01-01', '2044-01-01'));
  });

  it('gives a span around the instant, whose edges are changes or far away', () => {
    const zone = zoneTable()('Europe/Berlin');
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2032, 0, 1); at += 17 * DAY) {
      const { fromMs, untilMs, offsetMs } = zone.spanAt(at);
      expect(fromMs).toBeLessThanOrEqual(at);
      expect(untilMs).toBeGreaterThan(at);
      expect(zone.spanAt(untilMs).offsetMs !== offsetMs || untilMs - at > DAY).toBe(true);
      expect(zone.spanAt(fromMs - 1).offsetMs !== offsetMs || at - fromMs > DAY).toBe(true);
    }
  });

  it.each([-8.64e15, Date.UTC(1900, 0, 1), Date.UTC(2500, 0, 1), 8.64e15])('answers a clock gone mad (%i)', (at) => {
    const { fromMs, untilMs } = zoneTable()('Europe/Berlin').spanAt(at);
    expect(fromMs).toBeLessThanOrEqual(at);
    expect(untilMs).toBeGreaterThan(at);
  });

  it('is made once per table', () => {
    const zones = zoneTable();
    expect(zones('Africa/Cairo')).toBe(zones('Africa/Cairo'));
  });

  it('refuses a name that Intl does not know', () => {
    expect(() => zoneTable()('Mars/Olympus')).toThrow(RangeError);
  });
});

/** Changes in [from, until) as "instant offset in hours". */
function changes(zone: Zone, from: string, until: string): string[] {
  const found: string[] = [];
  let span = zone.spanAt(Date.parse(from));
  while (span.untilMs < Date.parse(until)) {
    const next = zone.spanAt(span.untilMs);
    if (next.offsetMs !== span.offsetMs) {
      found.push(`${new Date(next.fromMs).toISOString().replace('.000Z', 'Z')} ${next.offsetMs / 3_600_000}`);
    }
    span = next;
  }
  return found;
}
