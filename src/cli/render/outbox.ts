// Draws reactions that were not carried out yet: which, since when they fail, and what each waits for.

import type { OutboxView } from '../../http/contract.ts';
import type { Look } from './look.ts';
import { reactionDoing } from './reaction-text.ts';
import { table } from './table.ts';
import { withCommand } from './words.ts';

/** The table of `adf outbox`. */
export function renderOutbox(rows: readonly OutboxView[], look: Look): readonly string[] {
  if (rows.length === 0) {
    return ['nothing waits: every reaction was carried out'];
  }
  const cells = rows.map((row) => {
    const parked = row.state === 'parked';
    return [
      String(row.id),
      row.target,
      { text: row.state, tone: parked ? ('bad' as const) : ('care' as const) },
      String(row.attempts),
      parked ? '' : look.times.time(row.nextAt),
      reactionDoing(row.effect),
      withCommand(row.lastError ?? '', parked ? 'adf doctor' : null),
    ];
  });
  return table(['ID', 'TARGET', 'STATE', 'TRIES', 'NEXT', 'EFFECT', 'WHY'], cells, look);
}
