// Decides which days of a month a schedule admits, with crontab's rule for its two day fields.

import { dayNumber, daysInMonth, weekday } from './calendar.ts';
import type { Schedule } from './schedule-fields.ts';

/** A month as the day rules need it. */
interface Month {
  readonly length: number;
  /** Weekday of the 1st, 0 is Sunday. */
  readonly firstWeekday: number;
}

/** The admitted days as bits: bit 0 is the 1st. 0 when the month has none. */
export function matchingDays(schedule: Schedule, year: number, month: number): number {
  if (!schedule.months.includes(month)) {
    return 0;
  }
  const shape = { length: daysInMonth(year, month), firstWeekday: weekday(dayNumber({ year, month, day: 1 })) };
  const byDate = matchByDate(schedule, shape);
  const byWeekday = matchByWeekday(schedule, shape);
  return schedule.restrictsDayOfMonth && schedule.restrictsDayOfWeek ? byDate | byWeekday : byDate & byWeekday;
}

function matchByDate(schedule: Schedule, { length, firstWeekday }: Month): number {
  let days = 0;
  for (const day of schedule.daysOfMonth) {
    days |= day <= length ? bit(day) : 0;
  }
  for (const back of schedule.daysFromLast) {
    days |= back < length ? bit(length - back) : 0;
  }
  for (const day of schedule.nearestWeekdays) {
    days |= day <= length ? bit(nearestWeekday(day === 0 ? length : day, { length, firstWeekday })) : 0;
  }
  return days;
}

/** Saturday goes back to Friday and Sunday on to Monday, unless that would leave the month. */
function nearestWeekday(day: number, { length, firstWeekday }: Month): number {
  const name = (firstWeekday + day - 1) % 7;
  if (name === 6) {
    return day === 1 ? 3 : day - 1;
  }
  if (name === 0) {
    return day === length ? day - 2 : day + 1;
  }
  return day;
}

function matchByWeekday(schedule: Schedule, { length, firstWeekday }: Month): number {
  let days = 0;
  for (const name of schedule.daysOfWeek) {
    for (let day = firstOf(name, firstWeekday); day <= length; day += 7) {
      days |= bit(day);
    }
  }
  for (const { day: name, nth } of schedule.nthDaysOfWeek) {
    const first = firstOf(name, firstWeekday);
    const day = nth > 0 ? first + 7 * (nth - 1) : first + 7 * Math.floor((length - first) / 7);
    days |= day <= length ? bit(day) : 0;
  }
  return days;
}

function firstOf(name: number, firstWeekday: number): number {
  return 1 + ((name - firstWeekday + 7) % 7);
}

function bit(day: number): number {
  return 1 << (day - 1);
}
