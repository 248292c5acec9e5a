// Writes instants as UTC dates for people, by arithmetic alone, so that pure rooms need no clock object.

const DAY_MS = 86_400_000;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01, where this calendar's years begin, to 1970-01-01. */
const EPOCH_DAY = 719_468;

/**
 * `at` (epoch ms) as `2026-11-21 10:30:45`, UTC, cut to whole seconds.
 * Days to dates by Howard Hinnant's civil_from_days: years begin in March, so that the leap day is the last of its year.
 */
export function formatUtc(at: number): string {
  const days = Math.floor(at / DAY_MS) + EPOCH_DAY;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${formatUtcTime(at)}`;
}

/** The time of day of `at` (epoch ms) as `10:30:45`, UTC, cut to whole seconds. */
export function formatUtcTime(at: number): string {
  const seconds = Math.floor((((at % DAY_MS) + DAY_MS) % DAY_MS) / 1000);
  return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
