// Draws coming slots: when, how far away, whose, and what is in the way.

import type { NextView } from '../../http/contract.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { reasonsText, withCommand } from './words.ts';

/** The table of `adf next`. */
export function renderNext(
  slots: readonly NextView[],
  given: { readonly forMs: number; readonly look: Look },
): readonly string[] {
  const { forMs, look } = given;
  if (slots.length === 0) {
    return [
      `no slot within ${formatDuration(forMs)}; farther: adf next --for 30d; agents without a schedule: adf agents`,
    ];
  }
  const rows = slots.map((slot) => {
    const held = reasonsText(slot.held, look.times);
    const why = held === '' ? '' : withCommand(`will not run: ${held}`, `adf why ${slot.agent}`);
    const note = [slot.note ?? '', why].filter((part) => part !== '').join(' · ');
    return [
      look.times.time(slot.at),
      look.times.away(slot.at),
      slot.agent,
      { text: note, tone: why === '' ? 'plain' : 'care' },
    ] as const;
  });
  return table(['AT', 'IN', 'AGENT', 'NOTE'], rows, look);
}
