import { describe, expect, it } from 'vitest';
import { parseCron } from '../../src/config/cron.ts';
import type { Schedule } from '../../src/core/trigger/schedule-fields.ts';

describe('a schedule', () => {
  it('of five fields begins its minutes at second 0', () => {
    expect(fieldsOf('5,10 2-4 1 jan mon')).toEqual({
      text: '5,10 2-4 1 jan mon',
      seconds: [0],
      minutes: [5, 10],
      hours: [2, 3, 4],
      daysOfMonth: [1],
      daysFromLast: [],
      nearestWeekdays: [],
      months: [1],
      daysOfWeek: [1],
      nthDaysOfWeek: [],
      restrictsDayOfMonth: true,
      restrictsDayOfWeek: true,
      isInterval: false,
    });
  });

  it.each<[string, Partial<Schedule>]>([
    ['0,30 * * * * *', { seconds: [0, 30], isInterval: true }],
    ['*,5 * * * *', { minutes: Array.from({ length: 60 }, (_, minute) => minute) }],
    ['0 22-2 * * *', { hours: [0, 1, 2, 22, 23] }],
    ['0 0 * * 5-7', { daysOfWeek: [0, 5, 6] }],
    ['0 0 L,L-3,1 * *', { daysOfMonth: [1], daysFromLast: [0, 3], restrictsDayOfMonth: true }],
    ['0 0 15w,LW * *', { daysOfMonth: [], nearestWeekdays: [0, 15] }],
    [
      '0 0 * * fri#2,5L,1',
      {
        daysOfWeek: [1],
        nthDaysOfWeek: [
          { day: 5, nth: 2 },
          { day: 5, nth: -1 },
        ],
      },
    ],
    ['0 0 ? * 1', { restrictsDayOfMonth: false, restrictsDayOfWeek: true }],
    ['0 0 */2 * 1', { restrictsDayOfMonth: false, restrictsDayOfWeek: true }],
    ['0 0 1-31 * 1', { restrictsDayOfMonth: true, restrictsDayOfWeek: true }],
    ['0 0 * January Monday-FRIDAY', { months: [1], daysOfWeek: [1, 2, 3, 4, 5] }],
    ['  0\t0  * *\n* ', { minutes: [0], hours: [0] }],
    ['0 0 * 2 5#5', { months: [2] }],
    ['0 0 30 2,4 *', { daysOfMonth: [30], months: [2, 4] }],
  ])('%j has the fields %j', (text, fields) => {
    expect(fieldsOf(text)).toMatchObject(fields);
  });

  it.each([
    ['*/10 2 * * *', true],
    ['0 * * * *', true],
    ['0 */2 * * *', true],
    ['0-23/2 0 * * *', false],
    ['0 0-23/2 * * *', false],
    ['30 2 * * *', false],
    ['*/10 0 2 * * *', false],
    ['0 * 2 * * *', true],
    ['@hourly', true],
    ['@daily', false],
  ])('%j is an interval: %s', (text, isInterval) => {
    expect(fieldsOf(text).isInterval).toBe(isInterval);
  });

  it.each([
    ['@Daily', { restrictsDayOfMonth: false, restrictsDayOfWeek: false }],
    ['@weekly', { restrictsDayOfMonth: false, restrictsDayOfWeek: true }],
    ['@monthly', { restrictsDayOfMonth: true, restrictsDayOfWeek: false }],
  ])('%j restricts as its five fields would', (text, fields) => {
    expect(fieldsOf(text)).toMatchObject(fields);
  });
});

describe('a text that is no schedule', () => {
  it.each([
    ['61 * * * *', 'minute is 0 to 59'],
    ['60 * * * * *', 'second is 0 to 59'],
    ['0 24 * * *', 'hour is 0 to 23'],
    ['0 0 0 * *', 'day of month is 1 to 31 (also L, L-3, 15W, LW)'],
    ['0 0 * 13 *', 'month is 1 to 12 or jan to dec'],
    ['0 0 * * 8', 'day of week is 0 to 7 or sun to sat (also 5#2, 5L)'],
    ['0 0 * * thuesday', 'day of week is 0 to 7 or sun to sat (also 5#2, 5L)'],
    ['61 24 * * *', 'minute is 0 to 59; hour is 0 to 23'],
    ['5/10 * * * *', 'minute has a step from a single value: write 5-59/10'],
    ['*/0 * * * *', 'minute has a step of 0'],
    ['1- * * * *', 'minute is a number, a list (1,5), a range (1-5) or a step (*/5, 10-40/5); found "1-"'],
    ['1,,2 * * * *', 'minute is a number, a list (1,5), a range (1-5) or a step (*/5, 10-40/5); found ""'],
    ['0 0 31 2 *', 'no month that it names has a day 31'],
    ['0 0 31 feb,apr *', 'no month that it names has a day 31'],
    [
      '@reboot',
      'is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually; write five or six fields instead',
    ],
    ['', 'expected five fields (minute hour day month weekday) or six (second first), found nothing'],
    ['* * * *', 'expected five fields (minute hour day month weekday) or six (second first), found 4'],
    ['* * * * * * *', 'expected five fields (minute hour day month weekday) or six (second first), found 7'],
    ['x'.repeat(1001), 'is 1001 characters long, at most 1000 are read'],
  ])('%j is answered: %s', (text, message) => {
    expect(parseCron(text)).toEqual({ kind: 'error', message });
  });

  it.each([
    '0-99999999 * * * *',
    '0 0 * janfeb *',
    '1*/2 * * * *',
    '0 0 * jan2 *',
    '001 * * * *',
    '*-5 * * * *',
    '0 0 5#L * *',
    '0 0 * * 5#L',
    '0 0 * * 1#6',
    '0 0 0W * *',
    '٣ * * * *',
  ])('%j is refused, though node-cron alone would misread it or fill the memory', (text) => {
    expect(parseCron(text).kind).toBe('error');
  });
});

function fieldsOf(text: string): Schedule {
  const parsed = parseCron(text);
  if (parsed.kind === 'error') {
    throw new Error(parsed.message);
  }
  return parsed.schedule;
}
