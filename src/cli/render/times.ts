// Writes instants as times of day in the reader's time zone: short while they are near, with their date when they are not.

import { formatDuration } from '../../lib/duration.ts';

/** Instants (epoch ms) for people, seen from one moment. */
export interface Times {
  readonly now: number;
  /** `10:31:00`; `11-20 10:31:00` on another day, `2025-11-20 10:31:00` in another year. */
  time(at: number): string;
  /** The same without seconds. */
  short(at: number): string;
  /** `10:30:30.004`, without a date. */
  exact(at: number): string;
  /** `in 12 s`, `3 min ago`, `now`. */
  away(at: number): string;
}

/** An instant's place in the calendar of some zone; months count from 1. */
export interface CalendarTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

/** Where an instant (epoch ms) stands in the calendar. */
export type Calendar = (at: number) => CalendarTime;

/** The calendar of this process's zone. Intl could do the same for any zone, but costs 20 ms at its first use. */
export const localCalendar: Calendar = (at) => {
  const date = new Date(at);
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    ms: date.getMilliseconds(),
  };
};

/** Times by `calendar`, seen from `now`. */
export function createTimes(now: number, calendar: Calendar): Times {
  const today = calendar(now);
  const date = (of: CalendarTime): string => {
    if (of.year !== today.year) {
      return `${of.year}-${two(of.month)}-${two(of.day)} `;
    }
    return of.month === today.month && of.day === today.day ? '' : `${two(of.month)}-${two(of.day)} `;
  };
  return {
    now,
    time(at) {
      const of = calendar(at);
      return `${date(of)}${two(of.hour)}:${two(of.minute)}:${two(of.second)}`;
    },
    short(at) {
      const of = calendar(at);
      return `${date(of)}${two(of.hour)}:${two(of.minute)}`;
    },
    exact(at) {
      const of = calendar(at);
      return `${two(of.hour)}:${two(of.minute)}:${two(of.second)}.${String(of.ms).padStart(3, '0')}`;
    },
    away(at) {
      const ms = at - now;
      if (Math.abs(ms) < 500) {
        return 'now';
      }
      return ms > 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;
    },
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
