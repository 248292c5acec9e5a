// Makes text that others wrote safe for a terminal, and measures and folds what a terminal shows.

import { printable } from '../../core/react/untrusted-text.ts';

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1F64F}]|[\u{1F900}-\u{1F9FF}]|[\u{20000}-\u{3FFFD}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** `text` on one line, without terminal sequences and control characters. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** Terminal columns of `text`, which holds no control characters. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character < '\u0300') {
      columns += 1;
    } else if (!ZERO.test(character)) {
      columns += WIDE.test(character) ? 2 : 1;
    }
  }
  return columns;
}

/** `text` and spaces up to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** `text` in lines of at most `columns`, broken at spaces; a longer word stands alone on its line. */
export function fold(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
