// Takes the last lines of a log for an issue, so that no secret is shown by half.

import { utf8Length } from '../../lib/cut-text.ts';
import { redact } from '../redact.ts';

/** Read before the lines that are shown: a secret of several lines may begin there. */
const LEAD_BYTES = 48 * 1024;

/** How much of a log's end to read for a tail of `maxBytes`. */
export function tailReadBytes(maxBytes: number): number {
  return maxBytes + LEAD_BYTES;
}

/**
 * The last whole lines of `text` in at most `maxBytes`, redacted before they are cut. `beginsInside`: `text` is the end of
 * something longer, so its first line may be half a line, and half a secret has no shape: that line is left out.
 */
export function lastLines(
  text: string,
  given: { readonly beginsInside: boolean; readonly secrets: readonly string[]; readonly maxBytes: number },
): string {
  const whole = given.beginsInside ? afterFirstLine(text) : text;
  const lines = redact(whole, given.secrets).replace(/\n+$/, '').split('\n');
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines.toReversed()) {
    bytes += utf8Length(line) + 1;
    if (bytes > given.maxBytes && kept.length > 0) {
      break;
    }
    kept.unshift(line);
  }
  return kept.join('\n');
}

function afterFirstLine(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 ? '' : text.slice(end + 1);
}
