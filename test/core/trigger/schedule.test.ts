import { describe, expect, it } from 'vitest';
import {
  countSlots,
  newestSlotsIn,
  nextSlot,
  previousSlot,
  slotsIn,
  standsForGap,
} from '../../../src/core/trigger/schedule.ts';
import { zoneOf } from '../../../src/core/trigger/zone.ts';
import { cron, zones } from '../../support/schedules.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('slots of a schedule', () => {
  it.each([
    ['* * * * *', '2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z'],
    ['* * * * *', '2026-11-21T10:00:59.999Z', '2026-11-21T10:01:00Z'],
    ['*/10 2 * * *', '2026-11-21T02:50:00Z', '2026-11-22T02:00:00Z'],
    ['30 4 1 * *', '2026-12-31T23:00:00Z', '2027-01-01T04:30:00Z'],
    ['0 0 29 2 *', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00Z'],
    ['0 0 L 2 *', '2027-01-01T00:00:00Z', '2027-02-28T00:00:00Z'],
    ['0 0 L-3 * *', '2026-11-01T00:00:00Z', '2026-11-27T00:00:00Z'],
    ['0 0 LW * *', '2027-01-01T00:00:00Z', '2027-01-29T00:00:00Z'],
    ['0 0 1W * *', '2027-04-10T00:00:00Z', '2027-05-03T00:00:00Z'],
    ['0 0 15W * *', '2027-05-01T00:00:00Z', '2027-05-14T00:00:00Z'],
    ['0 0 * * 5#2', '2026-11-21T00:00:00Z', '2026-12-11T00:00:00Z'],
    ['0 0 * * friL', '2026-11-21T00:00:00Z', '2026-11-27T00:00:00Z'],
    ['0 0 * 2 5#5', '2026-11-21T00:00:00Z', '2036-02-29T00:00:00Z'],
    ['0 0 * 2 5#5', '2036-02-29T00:00:00Z', '2064-02-29T00:00:00Z'],
    ['15,45 30 8 * * *', '2026-11-21T08:30:15Z', '2026-11-21T08:30:45Z'],
    ['0 22-1 * * *', '2026-11-21T22:30:00Z', '2026-11-21T23:00:00Z'],
    ['0 22-1 * * *', '2026-11-21T23:00:00Z', '2026-11-22T00:00:00Z'],
    ['@weekly', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
    ['@yearly', '1969-06-01T00:00:00Z', '1970-01-01T00:00:00Z'],
  ])('of %s after %s begin with %s', (text, after, expected) => {
    expect(iso(nextSlot(cron(text), zones('UTC'), Date.parse(after)))).toBe(expected);
  });

  it('never come for a day that no month has', () => {
    const never = { ...cron('0 0 30W * *'), months: [2] };
    expect(nextSlot(never, zones('Europe/Berlin'), Date.UTC(2026, 10, 21))).toBeNull();
    expect(previousSlot(never, zones('UTC'), Date.UTC(2026, 10, 21))).toBeNull();
  });

  it('take either day field when both restrict, as crontab does', () => {
    expect(list('0 9 13 * 5', 'UTC', '2026-11-09/2026-11-30')).toEqual([
      '2026-11-13T09:00:00Z',
      '2026-11-20T09:00:00Z',
      '2026-11-27T09:00:00Z',
    ]);
    expect(list('0 9 16 * 5', 'UTC', '2026-11-12/2026-11-21')).toEqual([
      '2026-11-13T09:00:00Z',
      '2026-11-16T09:00:00Z',
      '2026-11-20T09:00:00Z',
    ]);
  });

  it('take both day fields when one begins with a star, as crontab does', () => {
    expect(list('0 9 */2 * 1', 'UTC', '2026-11-01/2026-12-01')).toEqual([
      '2026-11-09T09:00:00Z',
      '2026-11-23T09:00:00Z',
    ]);
    expect(list('0 9 ? * 1', 'UTC', '2026-11-16/2026-11-24')).toEqual(['2026-11-16T09:00:00Z', '2026-11-23T09:00:00Z']);
  });

  it('lie after the beginning of a range and up to its end', () => {
    const at = Date.parse('2026-11-21T10:00:00Z');
    const each = cron('* * * * *');
    expect(slotsIn(each, zones('UTC'), { afterMs: at - 1, untilMs: at, cap: 9 })).toEqual([at]);
    expect(slotsIn(each, zones('UTC'), { afterMs: at, untilMs: at + 59_999, cap: 9 })).toEqual([]);
    expect(slotsIn(each, zones('UTC'), { afterMs: at, untilMs: at + 60_000, cap: 9 })).toEqual([at + 60_000]);
    expect(slotsIn(each, zones('UTC'), { afterMs: at + 1, untilMs: at, cap: 9 })).toEqual([]);
  });

  it('stop at the cap, from either end', () => {
    const range = { afterMs: 0, untilMs: 10 * 60_000 };
    expect(slotsIn(cron('* * * * *'), zones('UTC'), { ...range, cap: 2 })).toEqual([60_000, 120_000]);
    expect(slotsIn(cron('* * * * *'), zones('UTC'), { ...range, cap: 0 })).toEqual([]);
    expect(newestSlotsIn(cron('* * * * *'), zones('UTC'), { ...range, cap: 2 })).toEqual([540_000, 600_000]);
    expect(newestSlotsIn(cron('* * * * *'), zones('UTC'), { ...range, cap: 99 })).toHaveLength(10);
  });

  it('are found backwards over years', () => {
    expect(iso(previousSlot(cron('0 0 29 2 *'), zones('UTC'), Date.parse('2028-02-28T00:00:00Z')))).toBe(
      '2024-02-29T00:00:00Z',
    );
    expect(iso(previousSlot(cron('0 0 29 2 *'), zones('UTC'), Date.parse('2028-02-29T00:00:00Z')))).toBe(
      '2028-02-29T00:00:00Z',
    );
  });
});

describe('a clock change', () => {
  it.each([
    [
      'an interval skips the gap',
      '*/30 * * * *',
      'America/New_York',
      '2026-03-08T06:29:00Z/2026-03-08T07:30:00Z',
      ['06:30', '07:00', '07:30'],
    ],
    [
      'an interval within the lost hour has no slot',
      '*/10 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z/2026-03-09T00:00:00Z',
      [],
    ],
    [
      'a fixed time in the gap runs at its end',
      '30 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z/2026-03-09T00:00:00Z',
      ['07:00'],
    ],
    [
      'several lost times run once',
      '5,10,50 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z/2026-03-09T00:00:00Z',
      ['07:00'],
    ],
    [
      'a lost time and one at the end of the gap are one slot',
      '0 2,3 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z/2026-03-09T00:00:00Z',
      ['07:00'],
    ],
    [
      'a fixed time runs in the first pass of a repeated hour only',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z/2026-11-02T00:00:00Z',
      ['05:30'],
    ],
    [
      'an interval runs in both passes',
      '*/30 1 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z/2026-11-02T00:00:00Z',
      ['05:00', '05:30', '06:00', '06:30'],
    ],
    [
      'the hour before the repeated one is untouched',
      '59 0 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z/2026-11-02T00:00:00Z',
      ['04:59'],
    ],
    [
      'the hour after the repeated one is untouched',
      '0 2 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z/2026-11-02T00:00:00Z',
      ['07:00'],
    ],
    [
      'half an hour is lost on Lord Howe',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z/2026-10-04T12:00:00Z',
      ['15:30'],
    ],
    [
      'half an hour is repeated on Lord Howe',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T12:00:00Z/2026-04-05T12:00:00Z',
      ['14:45'],
    ],
    [
      'midnight is lost in Havana',
      '0 0 * * *',
      'America/Havana',
      '2026-03-07T12:00:00Z/2026-03-08T12:00:00Z',
      ['05:00'],
    ],
    [
      'a gap of two hours is bridged (Troll)',
      '30 1 * * *',
      'Antarctica/Troll',
      '2026-03-29T00:00:00Z/2026-03-30T00:00:00Z',
      ['01:00', '23:30'],
    ],
  ])('%s', (_title, ...[text, zone, range, expected]) => {
    expect(list(text, zone, range).map((slot) => slot.slice(11, 16))).toEqual(expected);
  });

  it.each([
    ['30 2 * * *', '2026-03-08T07:00:00Z', true],
    ['30 2 * * *', '2026-03-07T07:30:00Z', false],
    ['0 2,3 * * *', '2026-03-08T07:00:00Z', false],
    ['*/30 * * * *', '2026-03-08T07:00:00Z', false],
  ])('knows whether the slot of %s at %s stands for a lost one: %s', (text, slot, isMoved) => {
    expect(standsForGap(cron(text), zones('America/New_York'), Date.parse(slot))).toBe(isMoved);
  });

  it('of a whole day is a correction: the missing day of Apia has no slot', () => {
    expect(list('0 9 * * *', 'Pacific/Apia', '2011-12-29T00:00:00Z/2012-01-01T00:00:00Z')).toEqual([
      '2011-12-29T19:00:00Z',
      '2011-12-30T19:00:00Z',
      '2011-12-31T19:00:00Z',
    ]);
    expect(list('0 9 30 12 *', 'Pacific/Apia', '2011-12-01T00:00:00Z/2012-01-31T00:00:00Z')).toEqual([]);
  });

  it.each([
    [3 * HOUR - 1000, 1],
    [3 * HOUR, 0],
  ])('forward by %i ms gives a lost time %i slot at its end', (shift, count) => {
    const zone = zoneOf('Test/Gap', 0, [{ atMs: 10 * DAY + HOUR, offsetMs: shift }]);
    const range = { afterMs: 10 * DAY, untilMs: 11 * DAY - shift - 1000, cap: 9 };
    expect(slotsIn(cron('30 1 * * *'), zone, range)).toEqual(count === 1 ? [10 * DAY + HOUR] : []);
  });

  it.each([
    [3 * HOUR - 1000, 1],
    [3 * HOUR, 2],
  ])('backward by %i ms gives a repeated time %i slots', (shift, count) => {
    const zone = zoneOf('Test/Repeat', 0, [{ atMs: 10 * DAY + 12 * HOUR, offsetMs: -shift }]);
    const range = { afterMs: 10 * DAY, untilMs: 11 * DAY, cap: 9 };
    expect(slotsIn(cron('30 11 * * *'), zone, range)).toHaveLength(count);
  });

  it('is told the same way when the range begins inside the second pass', () => {
    const range = { afterMs: Date.parse('2026-11-01T06:10:00Z'), untilMs: Date.parse('2026-11-01T06:59:59Z'), cap: 9 };
    expect(slotsIn(cron('30 1 * * *'), zones('America/New_York'), range)).toEqual([]);
  });
});

describe('counting slots', () => {
  it.each([
    ['* * * * *', 'UTC', 72 * 60],
    ['* * * * * *', 'America/New_York', 72 * 3600],
    ['30 2 * * *', 'America/New_York', 3],
    ['*/7 1-5,9 * * *', 'America/New_York', 19 * 9],
  ])('agrees with listing for %s in %s over a clock change', (text, zone, expected) => {
    const afterMs = Date.parse('2026-10-31T01:23:45Z');
    const range = { afterMs, untilMs: afterMs + 3 * DAY };
    const listed = slotsIn(cron(text), zones(zone), { ...range, cap: 1_000_000 }).length;
    expect(countSlots(cron(text), zones(zone), range)).toBe(listed);
    expect(listed).toBe(expected);
  });

  it('needs no time for half a century of seconds', () => {
    const range = { afterMs: 0, untilMs: 50 * 365 * DAY };
    expect(countSlots(cron('* * * * * *'), zones('UTC'), range)).toBe(50 * 365 * 86_400);
  });
});

function list(text: string, zone: string, range: string): string[] {
  const [after = 0, until = 0] = range.split('/').map((end) => Date.parse(end));
  return slotsIn(cron(text), zones(zone), { afterMs: after, untilMs: until, cap: 100 }).map((slot) => iso(slot));
}

function iso(slot: number | null): string {
  return slot === null ? 'never' : new Date(slot).toISOString().replace('.000Z', 'Z');
}
