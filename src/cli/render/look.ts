// How results are drawn.

import type { Style } from './style.ts';
import type { Times } from './times.ts';

/** Colours, times and width. `width` null: a pipe, where each record stays on one line. */
export interface Look {
  readonly style: Style;
  readonly times: Times;
  readonly width: number | null;
}
