// Checks names of time zones against those that this Node knows.

import { nearestName } from '../lib/nearest.ts';
import type { Entry } from './collect.ts';
import { didYouMean } from './problem.ts';

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
  if (!/^[A-Za-z]/.test(name)) {
    return false;
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}
