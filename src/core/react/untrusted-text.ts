// Makes text that we did not write harmless in a tracker: it cannot mention, link, close, mark or leave its fence.

import { cutMiddle } from '../../lib/cut-text.ts';

/** Gitea cuts titles over 255 columns itself and then ends them where it likes; five columns are left for its way of counting. */
export const TITLE_MAX_COLUMNS = 250;

/** Longer runs of backticks are broken up: the fence must be longer than they are, twice. */
const LONGEST_BACKTICK_RUN = 64;

const ZERO_WIDTH_SPACE = '\u200B';

const ESCAPE = '\u001B';
const BELL = '\u0007';

/** Terminal sequences: CSI, OSC (to BEL or ST, at most 4 KiB), and two-character escapes. */
const TERMINAL_SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${BELL}${ESCAPE}]{0,4096}(?:${BELL}|${ESCAPE}\\\\)?|[@-Z\\\\^_a-z])`,
  'g',
);

/** Controls but tab and line feed, and the characters that turn the direction of writing. */
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** `text` with lone line feeds as line ends, and without terminal sequences, controls and direction marks. */
export function printable(text: string): string {
  return text.toWellFormed().replace(TERMINAL_SEQUENCE, '').replace(/\r\n?/g, '\n').replace(UNPRINTABLE, '');
}

/**
 * `text` as a fenced block of at most `maxBytes`, fence included: one backtick more than its longest run, three at least.
 * Nothing inside is read by Gitea (measured: mentions, references and markers are inert in a fence); our own marker is
 * broken all the same, because it is searched for by text.
 */
export function fence(text: string, maxBytes: number): string {
  const whole = breakRuns(breakMarkers(printable(text))).replace(/\n+$/, '');
  const cut = cutMiddle(whole, Math.max(0, maxBytes - 2 * fenceFor(whole, 3).length - 2));
  const ticks = fenceFor(cut, 3);
  return `${ticks}\n${cut}\n${ticks}`;
}

/** `text` as one line of inline code. Inside a table, put it through `tableCell`. */
export function codeSpan(text: string): string {
  const line = breakRuns(breakMarkers(oneLine(text)));
  if (line === '') {
    return '–';
  }
  const ticks = fenceFor(line, 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${gap}${line}${gap}${ticks}`;
}

/** Markdown that stays inside its cell: a bar ends a cell even within inline code. */
export function tableCell(markdown: string): string {
  return markdown.replaceAll('|', '\\|');
}

/** `text` as one line that acts nowhere, not even in a title: `@`, `#`, `!` and addresses are broken by U+200B. */
export function inert(text: string): string {
  return oneLine(text).replace(/[@#!]/g, `$&${ZERO_WIDTH_SPACE}`).replace(/:\/\//g, `:${ZERO_WIDTH_SPACE}//`);
}

/** `text` in at most `maxColumns`, its end replaced by `…` where it is longer; everything beyond Latin counts as two columns. */
export function cutColumns(text: string, maxColumns: number): string {
  if (columns(text) <= maxColumns) {
    return text;
  }
  let used = columns('…');
  let end = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    used += columns(segment);
    if (used > maxColumns) {
      break;
    }
    end += segment.length;
  }
  return `${text.slice(0, end)}…`;
}

function columns(text: string): number {
  let sum = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    sum += code < 0x250 || character === ZERO_WIDTH_SPACE ? 1 : 2;
  }
  return sum;
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** A hidden marker in somebody's output would make its issue pass for another one's. */
function breakMarkers(text: string): string {
  return text.replace(/<!--(?=\s{0,8}adf:)/g, `<!-${ZERO_WIDTH_SPACE}-`);
}

function breakRuns(text: string): string {
  const tooLong = new RegExp(`\`{${LONGEST_BACKTICK_RUN}}(?=\`)`, 'g');
  return text.replace(tooLong, `$&${ZERO_WIDTH_SPACE}`);
}

function fenceFor(text: string, shortest: number): string {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) {
    longest = Math.max(longest, run.length);
  }
  return '`'.repeat(Math.max(shortest, longest + 1));
}
