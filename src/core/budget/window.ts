// Finds the window of a budget around an instant: the month, day or hour on the wall of a zone.

import { civilDay, dayNumber } from '../trigger/calendar.ts';
import type { Zone } from '../trigger/zone.ts';

/** How long a budget lasts before it begins anew. */
export type BudgetWindow = 'month' | 'day' | 'hour';

/** [from, until), epoch ms. */
export interface WindowSpan {
  readonly from: number;
  readonly until: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The window around `now`. Example: month, Europe/Berlin, 2026-03-15: from February 28, 23:00 UTC to March 31, 22:00 UTC. */
export function windowAt(window: BudgetWindow, zone: Zone, now: number): WindowSpan {
  const local = now + zone.spanAt(now).offsetMs;
  if (window === 'hour') {
    // An hour of the wall lasts an hour, also the one that comes twice.
    const from = now - (((local % HOUR_MS) + HOUR_MS) % HOUR_MS);
    return { from, until: from + HOUR_MS };
  }
  const today = Math.floor(local / DAY_MS);
  if (window === 'day') {
    return { from: instantOf(zone, today), until: instantOf(zone, today + 1) };
  }
  const { year, month } = civilDay(today);
  const next = month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 };
  return { from: instantOf(zone, dayNumber({ year, month, day: 1 })), until: instantOf(zone, dayNumber(next)) };
}

/** The first instant of local day `day` (days since 1970-01-01). */
function instantOf(zone: Zone, day: number): number {
  const midnight = day * DAY_MS;
  // The offset may change between the guess and the midnight that is meant: the second look has the right one.
  const guess = midnight - zone.spanAt(midnight).offsetMs;
  return midnight - zone.spanAt(guess).offsetMs;
}
