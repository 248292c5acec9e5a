// Checks names of time zones against those that this Node knows.

import { nearestName } from '../lib/nearest.ts';
import type { Entry } from './collect.ts';
import { didYouMean } from './problem.ts';

/**
 * Zones found to exist; their number is that of the zones there are. Each formatter that is made to ask is 27 kB outside of
 * the heap and never given back to the system: 10,000 agents with a `timezone` took 270 MB.
 */
const known = new Set<string>();

/** Reports a `timezone` of `entry` that is no IANA name; offsets such as "+02:00" know no clock changes and are refused. */
export function checkTimezone(entry: Entry<unknown>, timezone: string | undefined): void {
  if (timezone === undefined || isTimezone(timezone)) {
    return;
  }
  const path = [...entry.path, 'timezone'];
  const nearest = nearestName(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  entry.source.error(
    path,
    `${entry.source.show(path)}: must be an IANA time zone such as "Europe/Berlin"${didYouMean(nearest)}`,
  );
}

function isTimezone(name: string): boolean {
  if (known.has(name)) {
    return true;
  }
  if (!/^[A-Za-z]/.test(name)) {
    return false;
  }
  try {
    const exists = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
    known.add(name);
    return exists;
  } catch (error) {
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}
