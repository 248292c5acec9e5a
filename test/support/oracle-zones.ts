// The zones of the oracle test, each with something of its own, and the comparison of core and oracle over a span of years.

import { countSlots, newestSlotsIn, nextSlot, slotsIn } from '../../src/core/trigger/schedule.ts';
import { FIVE_FIELDS, SIX_FIELDS } from './oracle-expressions.ts';
import { cron, zones } from './schedules.ts';
import { localTable, oracleSlots, readRule } from './slot-oracle.ts';
import type { LocalTable } from './slot-oracle.ts';

/** Zone and what makes it awkward. Apia is looked at in the years around its missing day. */
export const ORACLE_ZONES: readonly (readonly [string, string])[] = [
  ['America/New_York', 'changes at 2:00'],
  ['Europe/London', 'changes at 1:00 UTC, repeats the hour before'],
  ['Australia/Lord_Howe', 'changes by half an hour'],
  ['Pacific/Chatham', 'lies 45 minutes off'],
  ['America/Havana', 'loses midnight, repeats midnight'],
  ['America/Santiago', 'loses and repeats midnight the other way round'],
  ['Africa/Casablanca', 'suspends its summer time for Ramadan'],
  ['Asia/Kolkata', 'never changes, half an hour off'],
  ['Pacific/Apia', 'missed 30 December 2011'],
  ['Africa/Cairo', 'changes at midnight on a Friday'],
  ['Australia/Sydney', 'changes in the south'],
  ['UTC', 'is the default'],
];

const DAY_MINUTES = 1440;
const MINUTE = 60_000;
/** No expression has more slots in the spans that are compared. */
const CAP = 10_000_000;

/** The table of `zone` over `years`, around 2011 for Apia. */
export function tableOf(zone: string, years: { readonly first: number; readonly count: number }): LocalTable {
  const first = zone === 'Pacific/Apia' ? 2011 - Math.floor(years.count / 2) : years.first;
  return localTable(zone, Date.UTC(first, 0, 1), Date.UTC(first + years.count, 0, 1));
}

/** Every five-field expression of which core and oracle tell different slots over the whole table. */
export function differencesOverYears(table: LocalTable): readonly string[] {
  const untilMs = table.fromMs + table.local.length * MINUTE - 1;
  const range = { from: 1, until: table.local.length };
  return FIVE_FIELDS.flatMap((text) =>
    difference(text, oracleSlots(readRule(text), table, range), {
      zone: table.zone,
      afterMs: table.fromMs + 59_999,
      untilMs,
    }),
  );
}

/** Every six-field expression of which they do, second by second for a day before and after each change. */
export function differencesAroundChanges(table: LocalTable): readonly string[] {
  return table.changes.flatMap((index) => {
    const range = { from: Math.max(1, index - DAY_MINUTES), until: Math.min(index + DAY_MINUTES, table.local.length) };
    const afterMs = table.fromMs + range.from * MINUTE - 1;
    const untilMs = table.fromMs + range.until * MINUTE - 1;
    return SIX_FIELDS.flatMap((text) =>
      difference(text, oracleSlots(readRule(text), table, range), { zone: table.zone, afterMs, untilMs }),
    );
  });
}

/** Asks core everything that it answers about a range, and compares it with the oracle's list. */
function difference(
  text: string,
  expected: readonly number[],
  at: { readonly zone: string; readonly afterMs: number; readonly untilMs: number },
): readonly string[] {
  const [schedule, zone] = [cron(text), zones(at.zone)];
  const told = slotsIn(schedule, zone, { ...at, cap: CAP });
  const wrong = told.findIndex((slot, index) => slot !== expected[index]);
  if (wrong !== -1 || told.length !== expected.length) {
    const index = wrong === -1 ? told.length : wrong;
    return [`${at.zone} "${text}": core says ${iso(told[index])}, oracle ${iso(expected[index])}`];
  }
  const middle = Math.floor(expected.length / 2);
  const asked: readonly (readonly [string, unknown, unknown])[] = [
    ['count', countSlots(schedule, zone, at), expected.length],
    ['newest', newestSlotsIn(schedule, zone, { ...at, cap: 3 }).join(), expected.slice(-3).join()],
    ['next', expected.length === 0 ? null : nextSlot(schedule, zone, at.afterMs), expected[0] ?? null],
    [
      'next of the middle',
      middle === 0 ? undefined : nextSlot(schedule, zone, (expected[middle - 1] ?? 0) + 1),
      middle === 0 ? undefined : expected[middle],
    ],
  ];
  return asked.flatMap(([question, answer, right]) =>
    answer === right ? [] : [`${at.zone} "${text}": ${question} is ${String(answer)}, oracle ${String(right)}`],
  );
}

function iso(slot: number | undefined): string {
  return slot === undefined ? 'no more' : new Date(slot).toISOString();
}
