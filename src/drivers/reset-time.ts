// Finds in an error text when trying again may help: a delay, or the instant of a reset.

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const DELAY =
  /(?:retry after|retry in|retrying in|try again in)\s+(\d+(?:\.\d+)?)\s*(ms|s|sec|seconds?|m|min|minutes?|h|hours?)\b/i;
const CLOCK =
  /(?:try again at|resets(?: at)?)\s+(?:(\w{3})\w*\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:(\d{4})\s+)?(?:at\s+)?)?(\d{1,2})(?::(\d{2}))?\s*(am|pm)/i;
const EPOCH = /limit reached\|(\d{10})\b/i;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The delay that `text` asks for in ms ("retry after 2s"), or null. */
export function retryAfterIn(text: string): number | null {
  const match = DELAY.exec(text);
  if (match === null) {
    return null;
  }
  return Math.round(Number(match[1]) * unitMs((match[2] ?? '').toLowerCase()));
}

/**
 * The instant that `text` names ("try again at 10:56 AM"), or null. A clock time without a date is the next such minute
 * after `now`; both are of the zone `utcOffsetMs` east of UTC.
 */
export function resetAtIn(text: string, now: number, utcOffsetMs: number): number | null {
  const epoch = EPOCH.exec(text);
  if (epoch !== null) {
    return Number(epoch[1]) * 1000;
  }
  const match = CLOCK.exec(text);
  if (match === null) {
    return null;
  }
  const [, month, day, year, hour, minute, half] = match;
  const twelve = Number(hour) % 12;
  const timeMs = (twelve + (half?.toLowerCase() === 'pm' ? 12 : 0)) * HOUR_MS + Number(minute ?? 0) * MINUTE_MS;
  const localNow = now + utcOffsetMs;
  const today = Math.floor(localNow / DAY_MS) * DAY_MS;
  if (month === undefined || day === undefined) {
    const next = today + timeMs > localNow ? today + timeMs : today + timeMs + DAY_MS;
    return next - utcOffsetMs;
  }
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  if (monthIndex === -1) {
    return null;
  }
  const dayMs = dateMs({ year: Number(year ?? yearOf(localNow)), monthIndex, day: Number(day) });
  return dayMs + timeMs - utcOffsetMs;
}

/** Epoch ms of a date, by Howard Hinnant's days_from_civil: years begin in March, so that the leap day is their last. */
function dateMs({ year, monthIndex, day }: { year: number; monthIndex: number; day: number }): number {
  const fromMarch = (monthIndex + 10) % 12;
  const shifted = monthIndex < 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_MS;
}

/** Good enough for a reset that is at most weeks away: the year in which `localNow` falls. */
function yearOf(localNow: number): number {
  let year = 1970 + Math.floor(localNow / DAY_MS / 365.2425);
  while (dateMs({ year: year + 1, monthIndex: 0, day: 1 }) <= localNow) {
    year += 1;
  }
  return year;
}

function unitMs(unit: string): number {
  if (unit === 'ms') {
    return 1;
  }
  if (unit.startsWith('s')) {
    return 1000;
  }
  return unit.startsWith('m') ? MINUTE_MS : HOUR_MS;
}
