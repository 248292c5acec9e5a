// How renderers are looked at in tests: without colour, in UTC, a few seconds after AT.

import type { Look } from '../../src/cli/render/look.ts';
import { createStyle } from '../../src/cli/render/style.ts';
import { createTimes } from '../../src/cli/render/times.ts';
import type { Calendar } from '../../src/cli/render/times.ts';
import { AT } from './views.ts';

/** The calendar of UTC, wherever the test runs. */
export const utcCalendar: Calendar = (at) => {
  const date = new Date(at);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ms: date.getUTCMilliseconds(),
  };
};

/** A pipe, or a terminal of `width` columns. */
export function testLook(width: number | null = null): Look {
  return { style: createStyle(false), times: createTimes(AT + 3000, utcCalendar), width };
}

/** Lines as one text, begun with a line break so that it stands under the quote. */
export function asText(lines: readonly string[]): string {
  return `\n${lines.join('\n')}\n`;
}
