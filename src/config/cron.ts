// Turns the text of a schedule into its fields: node-cron parses and validates, core/trigger/schedule.ts decides what they mean.

import { validateDetailed } from 'node-cron';
import type { CronFieldError, ParsedFields } from 'node-cron';
import type { Schedule } from '../core/trigger/schedule-fields.ts';
import { nextSlot } from '../core/trigger/schedule.ts';
import { UTC } from '../core/trigger/zone.ts';
import { FIELDS, fieldProblem } from './cron-fields.ts';

/** A schedule, or why a text is none. */
export type CronResult =
  | { readonly kind: 'ok'; readonly schedule: Schedule }
  | { readonly kind: 'error'; readonly message: string };

const MAX_TEXT = 1_000;
const NICKNAME = /^@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)$/i;

/** Answers kept: node-cron takes 70 µs for a text, and ten thousand agents share few texts, each read more than once. */
const MAX_KNOWN = 10_000;
const known = new Map<string, CronResult>();

/** The schedule that `text` (five or six fields, or a nickname such as `@daily`) writes, or what is wrong with it: one line for a person. */
export function parseCron(text: string): CronResult {
  const before = known.get(text);
  if (before !== undefined) {
    return before;
  }
  if (known.size >= MAX_KNOWN) {
    known.clear();
  }
  const answer = read(text);
  known.set(text, answer);
  return answer;
}

function read(text: string): CronResult {
  const compact = text.trim().split(/\s+/).join(' ');
  if (text.length > MAX_TEXT) {
    return { kind: 'error', message: `is ${text.length} characters long, at most ${MAX_TEXT} are read` };
  }
  const fields = compact.startsWith('@') ? null : compact.split(' ');
  const problem = fields === null ? nicknameProblem(compact) : textProblem(fields);
  if (problem !== null) {
    return { kind: 'error', message: problem };
  }
  const answer = validateDetailed(compact);
  if (!answer.valid || answer.fields === undefined) {
    return { kind: 'error', message: answer.errors.map(explain).join('; ') };
  }
  const schedule = scheduleOf(text, answer.fields, fields);
  return nextSlot(schedule, UTC, 0) === null
    ? { kind: 'error', message: 'no day of any year matches: it would never run' }
    : { kind: 'ok', schedule };
}

function nicknameProblem(text: string): string | null {
  return NICKNAME.test(text)
    ? null
    : 'is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually; write five or six fields instead';
}

/** What node-cron would misread (`janfeb`, `1*`) or die of (`0-99999999` fills the memory) is refused before it sees it. */
function textProblem(fields: readonly string[]): string | null {
  if (fields.length !== 5 && fields.length !== 6) {
    const found = fields[0] === '' ? 'nothing' : `${fields.length}`;
    return `expected five fields (minute hour day month weekday) or six (second first), found ${found}`;
  }
  const names = fields.length === 6 ? FIELDS : FIELDS.slice(1);
  const problems = names
    .map((name, index) => fieldProblem(name, fields[index] ?? ''))
    .filter((problem) => problem !== null);
  return problems.length === 0 ? null : problems.join('; ');
}

function explain({ field, value, message }: CronFieldError): string {
  const name = FIELDS.find((known) => known === field);
  if (name === undefined || value === undefined) {
    return message;
  }
  return message.includes('impossible day')
    ? `no month that it names has a day ${value}`
    : (fieldProblem(name, value) ?? message);
}

function scheduleOf(text: string, parsed: ParsedFields, fields: readonly string[] | null): Schedule {
  const written = fields === null ? null : fields.slice(-5);
  // A nickname has no text per field: what it leaves free it leaves free as `*` would.
  const begins = (index: number, free: boolean): boolean =>
    written === null ? free : (written[index] ?? '').startsWith('*');
  const isOpen = (index: number, free: boolean): boolean => begins(index, free) || written?.[index] === '?';
  const daysOfMonth = numbersOf(parsed.dayOfMonth);
  const daysOfWeek = numbersOf(parsed.dayOfWeek);
  return {
    text,
    seconds: ascending(parsed.second),
    minutes: ascending(parsed.minute),
    hours: ascending(parsed.hour),
    daysOfMonth,
    daysFromLast: ascending(matches(parsed.dayOfMonth, /^L(?:-(\d+))?$/).map(([, back]) => Number(back ?? 0))),
    nearestWeekdays: ascending(
      matches(parsed.dayOfMonth, /^(\d+|L)W$/).map(([, day]) => (day === 'L' ? 0 : Number(day))),
    ),
    months: ascending(parsed.month),
    daysOfWeek,
    nthDaysOfWeek: matches(parsed.dayOfWeek, /^(\d)(?:#(\d)|L)$/).map(([, day, nth]) => ({
      day: Number(day),
      nth: nth === undefined ? -1 : Number(nth),
    })),
    restrictsDayOfMonth: !isOpen(2, daysOfMonth.length === 31),
    restrictsDayOfWeek: !isOpen(4, daysOfWeek.length === 7),
    isInterval: begins(0, false) || begins(1, parsed.hour.length === 24),
  };
}

function numbersOf(values: readonly (number | string)[]): readonly number[] {
  return ascending(values.filter((value) => typeof value === 'number'));
}

function matches(values: readonly (number | string)[], pattern: RegExp): readonly RegExpExecArray[] {
  return values.map((value) => pattern.exec(String(value))).filter((match) => match !== null);
}

/** node-cron gives lists as written: `*,5` holds 5 twice, `22-2` begins with 22. */
function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
