// Draws a table: columns aligned, the last one folded to the terminal's width; in a pipe one record stays one line.

import type { Look } from './look.ts';
import type { Tone } from './style.ts';
import { columnsOf, fold, oneLine } from './text.ts';

/** A cell: its text, and how it looks. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** A row; a plain string is a cell without a tone, an empty one is shown as a dash. */
export type Row = readonly (string | Cell)[];

const GAP = '  ';

/** The last column is folded only where it keeps at least this many columns. */
const LEAST_FOLD_COLUMNS = 24;

/** The lines of a table under `header`. Cells are made safe here: they may hold what others wrote. */
export function table(header: readonly string[], rows: readonly Row[], look: Look): string[] {
  const cells = rows.map((row) => row.map(toCell));
  const last = header.length - 1;
  const widths = header.map((title, index) =>
    Math.max(columnsOf(title), ...cells.map((row) => columnsOf(row[index]?.text ?? ''))),
  );
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  const room = look.width === null ? Infinity : look.width - before;
  const lines = [
    look.style(
      'faint',
      header
        .map((title, index) => title + gap(title, widths[index]))
        .join(GAP)
        .trimEnd(),
    ),
  ];
  for (const row of cells) {
    const front = row
      .slice(0, last)
      .map((cell, index) => look.style(cell.tone, cell.text) + gap(cell.text, widths[index]));
    const end = row[last] ?? toCell('');
    const folded = room < LEAST_FOLD_COLUMNS ? [end.text] : fold(end.text, room);
    for (const [index, text] of folded.entries()) {
      const lead = index === 0 ? front.join(GAP) + (last > 0 ? GAP : '') : ' '.repeat(before);
      lines.push((lead + look.style(end.tone, text)).trimEnd());
    }
  }
  return lines;
}

function gap(text: string, width = 0): string {
  return ' '.repeat(Math.max(0, width - columnsOf(text)));
}

function toCell(cell: string | Cell): Cell {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'plain' as const } : cell;
  return { text: oneLine(text) || '–', tone };
}
