// How renderers are looked at in tests: without colour, in UTC, a few seconds after AT.

import type { Look } from '../../src/cli/render/look.ts';
import { createStyle } from '../../src/cli/render/style.ts';
import { timesIn } from '../../src/cli/render/times.ts';
import { AT } from './views.ts';

/** A pipe, or a terminal of `width` columns. */
export function testLook(width: number | null = null): Look {
  return { style: createStyle(false), times: timesIn('UTC')(AT + 3000), width };
}

/** Lines as one text, begun with a line break so that it stands under the quote. */
export function asText(lines: readonly string[]): string {
  return `\n${lines.join('\n')}\n`;
}
