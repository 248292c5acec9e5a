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

/** Times in `timeZone`, seen from whatever moment is asked for. */
export function timesIn(timeZone: string): (now: number) => Times {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  });
  const parts = (at: number): Readonly<Record<string, string>> =>
    Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  return (now) => seenFrom(now, parts);
}

function seenFrom(now: number, parts: (at: number) => Readonly<Record<string, string>>): Times {
  const today = parts(now);
  const date = (of: Readonly<Record<string, string>>): string => {
    if (of['year'] !== today['year']) {
      return `${of['year']}-${of['month']}-${of['day']} `;
    }
    return of['month'] === today['month'] && of['day'] === today['day'] ? '' : `${of['month']}-${of['day']} `;
  };
  return {
    now,
    time(at) {
      const of = parts(at);
      return `${date(of)}${of['hour']}:${of['minute']}:${of['second']}`;
    },
    short(at) {
      const of = parts(at);
      return `${date(of)}${of['hour']}:${of['minute']}`;
    },
    exact(at) {
      const of = parts(at);
      return `${of['hour']}:${of['minute']}:${of['second']}.${of['fractionalSecond']}`;
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
