// Takes beginning and end of a long output for a comment, so that no secret is shown by half.

import { cutMiddle, leading, missing, trailing } from '../../lib/cut-text.ts';
import { redact } from '../redact.ts';

/** Shown of the beginning, and of the end: errors stand last. */
const HEAD_BYTES = 18 * 1024;
const TAIL_BYTES = 36 * 1024;

/** Read beyond what is shown on the side of the cut: a secret that stands across it is seen whole, and goes whole. */
const LEAD_BYTES = 48 * 1024;

/** A stretch of an output. */
export interface Stretch {
  readonly from: number;
  readonly bytes: number;
}

/** What to read of an output of `total` bytes: all of it in one, or its beginning and its end. */
export function excerptReads(total: number): readonly Stretch[] {
  const head = HEAD_BYTES + LEAD_BYTES;
  const tail = TAIL_BYTES + LEAD_BYTES;
  return total <= head + tail
    ? [{ from: 0, bytes: total }]
    : [
        { from: 0, bytes: head },
        { from: total - tail, bytes: tail },
      ];
}

/** The excerpt of an output of `total` bytes whose `excerptReads` gave `texts`: redacted first, then cut. */
export function excerpt(texts: readonly string[], total: number, secrets: readonly string[]): string {
  const [begin = '', end] = texts.map((text) => redact(text, secrets));
  if (end === undefined) {
    return cutMiddle(begin, HEAD_BYTES + TAIL_BYTES);
  }
  return `${leading(begin, HEAD_BYTES)}${missing(total - HEAD_BYTES - TAIL_BYTES)}${trailing(end, TAIL_BYTES)}`;
}
