// Lists and counts the local times that a schedule's fields admit, knowing nothing of zones: seconds since 1970-01-01T00:00 local.

import { civilDay, dayNumber, daysInMonth } from './calendar.ts';
import { matchingDays } from './matching-days.ts';
import type { Schedule } from './schedule-fields.ts';

/** Local seconds in [from, until). */
export interface WallRange {
  readonly from: number;
  readonly until: number;
}

/** Gets an admitted local time; false ends the walk. */
export type Visit = (wall: number) => boolean;

const DAY = 86_400;
const HOUR = 3_600;
const MINUTE = 60;

/** Visits the admitted local times of `range` in ascending order. False when the visitor ended it. */
export function visitWallTimes(schedule: Schedule, range: WallRange, visit: Visit): boolean {
  for (const month of monthsOf(schedule, range)) {
    for (let days = month.days; days !== 0; days &= days - 1) {
      const dayStart = (month.firstDay + lowestBit(days)) * DAY;
      if (!visitDay(schedule, { dayStart, range }, visit)) {
        return false;
      }
    }
  }
  return true;
}

/** How many local times of `range` are admitted; costs a step per month, however many they are. */
export function countWallTimes(schedule: Schedule, range: WallRange): number {
  const perDay = schedule.hours.length * schedule.minutes.length * schedule.seconds.length;
  let count = 0;
  for (const { firstDay, days } of monthsOf(schedule, range)) {
    count += bitCount(days) * perDay;
    // Only the first and the last day of the range can be cut: take back what lies outside.
    for (const edge of edgeDays(range)) {
      if (edge >= firstDay && edge < firstDay + 31 && (days & (1 << (edge - firstDay))) !== 0) {
        const start = edge * DAY;
        const from = Math.max(range.from - start, 0);
        const until = Math.min(range.until - start, DAY);
        count += countBelow(schedule, until) - countBelow(schedule, from) - perDay;
      }
    }
  }
  return count;
}

/** Whether `range` holds an admitted local time. */
export function hasWallTime(schedule: Schedule, range: WallRange): boolean {
  return !visitWallTimes(schedule, range, () => false);
}

/** A month with admitted days inside the range: its first day's number, and the days as bits. */
interface MonthOfDays {
  readonly firstDay: number;
  readonly days: number;
}

function* monthsOf(schedule: Schedule, range: WallRange): Generator<MonthOfDays> {
  const firstWanted = Math.floor(range.from / DAY);
  const lastWanted = Math.ceil(range.until / DAY) - 1;
  let { year, month } = civilDay(firstWanted);
  let firstDay = dayNumber({ year, month, day: 1 });
  while (firstDay <= lastWanted) {
    const length = daysInMonth(year, month);
    const from = Math.max(firstWanted - firstDay, 0);
    const until = Math.min(lastWanted - firstDay, length - 1);
    const wanted = from <= until ? ((2 << until) - 1) & ~((1 << from) - 1) : 0;
    const days = wanted === 0 ? 0 : matchingDays(schedule, year, month) & wanted;
    if (days !== 0) {
      yield { firstDay, days };
    }
    firstDay += length;
    year += month === 12 ? 1 : 0;
    month = month === 12 ? 1 : month + 1;
  }
}

function visitDay(schedule: Schedule, at: { dayStart: number; range: WallRange }, visit: Visit): boolean {
  const { from, until } = at.range;
  for (const hour of schedule.hours) {
    const hourStart = at.dayStart + hour * HOUR;
    if (hourStart >= until) {
      return true;
    }
    if (hourStart + HOUR > from && !visitHour(schedule, { hourStart, range: at.range }, visit)) {
      return false;
    }
  }
  return true;
}

function visitHour(schedule: Schedule, at: { hourStart: number; range: WallRange }, visit: Visit): boolean {
  const { from, until } = at.range;
  for (const minute of schedule.minutes) {
    const minuteStart = at.hourStart + minute * MINUTE;
    if (minuteStart >= until) {
      return true;
    }
    if (minuteStart + MINUTE <= from) {
      continue;
    }
    for (const second of schedule.seconds) {
      const wall = minuteStart + second;
      if (wall >= from && wall < until && !visit(wall)) {
        return false;
      }
    }
  }
  return true;
}

/** Admitted times of a day before `second` of that day (0 to 86,400). */
function countBelow(schedule: Schedule, second: number): number {
  const hour = Math.floor(second / HOUR);
  const minute = Math.floor((second % HOUR) / MINUTE);
  const inMinute = schedule.minutes.includes(minute) ? below(schedule.seconds, second % MINUTE) : 0;
  const inHour = schedule.hours.includes(hour)
    ? below(schedule.minutes, minute) * schedule.seconds.length + inMinute
    : 0;
  return below(schedule.hours, hour) * schedule.minutes.length * schedule.seconds.length + inHour;
}

function below(values: readonly number[], limit: number): number {
  const index = values.findIndex((value) => value >= limit);
  return index === -1 ? values.length : index;
}

function edgeDays(range: WallRange): readonly number[] {
  const first = Math.floor(range.from / DAY);
  const last = Math.ceil(range.until / DAY) - 1;
  return first === last ? [first] : [first, last];
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    count += 1;
  }
  return count;
}
