// An independent opinion on when a schedule is due: reads the text itself and walks local time minute by minute.

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const CORRECTION_MINUTES = 180;
/** 2059: days are remembered up to here. */
const LAST_DAY = 32_768;

/** A zone's local time, minute by minute, between two instants. */
export interface LocalTable {
  readonly zone: string;
  readonly fromMs: number;
  /** Local minute (since 1970-01-01T00:00 local) of each minute since `fromMs`. */
  readonly local: Int32Array;
  /** 1 where this local minute was here less than three hours ago already. */
  readonly isRepeated: Uint8Array;
  /** Indices at which the offset changed at all. */
  readonly changes: readonly number[];
  /** Local hours in order, each in one piece: where it begins, its first local minute, and the first one lost before it (0: none). */
  readonly hours: readonly {
    readonly index: number;
    readonly first: number;
    readonly firstLost: number;
  }[];
}

/** Builds the table by asking Intl for every hour, and for every minute of an hour in which something changed. */
export function localTable(zone: string, fromMs: number, untilMs: number): LocalTable {
  const count = (untilMs - fromMs) / MINUTE;
  const local = new Int32Array(count);
  const ask = localMinuteReader(zone);
  for (let index = 0; index < count; index += 60) {
    const [first, last] = [ask(fromMs + index * MINUTE), ask(fromMs + (index + 60) * MINUTE)];
    for (let step = 0; step < 60 && index + step < count; step += 1) {
      local[index + step] = last - first === 60 ? first + step : ask(fromMs + (index + step) * MINUTE);
    }
  }
  return { zone, fromMs, local, ...marksOf(local) };
}

function localMinuteReader(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (atMs) => Date.parse(`${format.format(atMs).replace(' ', 'T')}Z`) / MINUTE;
}

function marksOf(local: Int32Array): Pick<LocalTable, 'isRepeated' | 'changes' | 'hours'> {
  const isRepeated = new Uint8Array(local.length);
  const hours = [{ index: 0, first: at(local, 0), firstLost: 0 }];
  const changes: number[] = [];
  const base = local.reduce((least, minute) => Math.min(least, minute), Infinity);
  const seenAt = new Map<number, number>();
  for (let index = 1; index < local.length; index += 1) {
    const jump = at(local, index) - at(local, index - 1) - 1;
    if (jump !== 0 || at(local, index) % 60 === 0) {
      const isGap = jump > 0 && jump < CORRECTION_MINUTES;
      hours.push({ index, first: at(local, index), firstLost: isGap ? at(local, index - 1) + 1 : 0 });
    }
    if (jump !== 0) {
      changes.push(index);
      // Only what passed in the last day can come again.
      seenAt.clear();
      for (let back = Math.max(0, index - DAY_MINUTES * 2); back < index; back += 1) {
        seenAt.set(at(local, back) - base, back);
      }
    }
    const seen = seenAt.get(at(local, index) - base);
    isRepeated[index] = seen !== undefined && index - seen < CORRECTION_MINUTES ? 1 : 0;
  }
  return { isRepeated, changes, hours };
}

/** What the oracle understood of a text. */
export interface OracleRule {
  readonly isInterval: boolean;
  readonly second: readonly boolean[];
  readonly minute: readonly boolean[];
  readonly hour: readonly boolean[];
  /** Whether the day with this number since 1970-01-01 is admitted. */
  readonly day: (dayNumber: number) => boolean;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTH_NAMES = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Reads `text` by crontab(5), with L, W and # as extensions. */
export function readRule(text: string): OracleRule {
  const fields = (NICKNAMES[text.toLowerCase()] ?? text).toLowerCase().split(' ');
  const [second = '', minute = '', hour = '', date = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const [unknown, yes, no] = [0, 1, 2];
  const known = new Uint8Array(LAST_DAY);
  const decide = dayRule(date, month, weekday);
  return {
    isInterval: minute.startsWith('*') || hour.startsWith('*'),
    second: admitted(second, 0, 59),
    minute: admitted(minute, 0, 59),
    hour: admitted(hour, 0, 23),
    day: (number) => {
      if (known[number] === unknown) {
        known[number] = decide(new Date(number * DAY_MINUTES * MINUTE)) ? yes : no;
      }
      return known[number] === yes;
    },
  };
}

function dayRule(date: string, month: string, weekday: string): (day: Date) => boolean {
  const months = admitted(name(month, MONTH_NAMES), 1, 12);
  const isDate = date.split(',').map((item) => dateRule(item));
  const isWeekday = name(weekday, DAY_NAMES)
    .split(',')
    .map((item) => weekdayRule(item));
  const isEither = !/^[*?]/.test(date) && !/^[*?]/.test(weekday);
  return (day) => {
    const byDate = isDate.some((rule) => rule(day));
    const byWeekday = isWeekday.some((rule) => rule(day));
    return months[day.getUTCMonth() + 1] === true && (isEither ? byDate || byWeekday : byDate && byWeekday);
  };
}

function dateRule(item: string): (day: Date) => boolean {
  const fromLast = /^l(?:-(\d+))?$/.exec(item);
  if (fromLast !== null) {
    const back = Number(fromLast[1] ?? 0);
    return (day) =>
      plusDays(day, back).getUTCMonth() === day.getUTCMonth() &&
      plusDays(day, back + 1).getUTCMonth() !== day.getUTCMonth();
  }
  const near = /^(\d+|l)w$/.exec(item);
  if (near !== null) {
    return (day) => isNearestWeekday(day, near[1] ?? '');
  }
  const dates = admitted(item, 1, 31);
  return (day) => dates[day.getUTCDate()] === true;
}

/** Tries the wanted date and its neighbours, nearest first, as a person with a wall calendar would. */
function isNearestWeekday(day: Date, wanted: string): boolean {
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  const target = wanted === 'l' ? last : Number(wanted);
  const workday = [0, -1, 1, -2, 2]
    .map((distance) => target + distance)
    .find((date) => {
      const name = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), date)).getUTCDay();
      return date >= 1 && date <= last && name !== 0 && name !== 6;
    });
  return target <= last && workday === day.getUTCDate();
}

function weekdayRule(item: string): (day: Date) => boolean {
  const nth = /^(\d)(?:#(\d)|l)$/.exec(item);
  if (nth === null) {
    const days = admitted(item, 0, 7);
    return (day) => days[day.getUTCDay()] === true || (day.getUTCDay() === 0 && days[7] === true);
  }
  return (day) =>
    day.getUTCDay() === Number(nth[1]) % 7 &&
    (nth[2] === undefined
      ? plusDays(day, 7).getUTCMonth() !== day.getUTCMonth()
      : Math.ceil(day.getUTCDate() / 7) === Number(nth[2]));
}

function plusDays(day: Date, days: number): Date {
  return new Date(day.getTime() + days * DAY_MINUTES * MINUTE);
}

function name(field: string, names: readonly string[]): string {
  return field.replaceAll(/[a-z]{3,}/g, (word) => {
    const index = names.indexOf(word.slice(0, 3));
    return word.endsWith('l') && word.length === 4 ? `${index}l` : String(index);
  });
}

/** Numbers, lists, ranges (also over the end) and steps. */
function admitted(field: string, low: number, high: number): readonly boolean[] {
  const values = Array.from({ length: high + 1 }, () => false);
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/');
    const [from = '', to = from] = /^[*?]$/.test(range) ? [String(low), String(high)] : range.split('-');
    const [first, last] = [Number(from), Number(to)];
    const length = last >= first ? last - first : last - first + (high - low + 1);
    for (let offset = 0; offset <= length; offset += Number(step)) {
      const value = first + offset;
      values[value > high ? value - (high - low + 1) : value] = true;
    }
  }
  return values;
}

/** The slots with index in [from, until) of the table: instants in ascending order. Hours that cannot match are passed over. */
export function oracleSlots(
  rule: OracleRule,
  table: LocalTable,
  range: { readonly from: number; readonly until: number },
): readonly number[] {
  const { hours, isRepeated, fromMs } = table;
  const slots: number[] = [];
  const seconds = rule.second.flatMap((isAdmitted, second) => (isAdmitted ? [second * 1000] : []));
  for (let hour = hourOf(table, range.from); hour < hours.length; hour += 1) {
    const { index: begin = 0, first = 0, firstLost = 0 } = hours[hour] ?? {};
    if (begin >= range.until) {
      break;
    }
    if (isMoved(rule, { first, firstLost, begin, from: range.from })) {
      slots.push(fromMs + begin * MINUTE);
    }
    const end = matchesHour(rule, first) ? Math.min(hours[hour + 1]?.index ?? range.until, range.until) : begin;
    for (let index = Math.max(begin, range.from); index < end; index += 1) {
      if (rule.minute[(first % 60) + index - begin] === true && (rule.isInterval || isRepeated[index] === 0)) {
        pushAll(slots, fromMs + index * MINUTE, seconds);
      }
    }
  }
  return slots;
}

function pushAll(slots: number[], minuteMs: number, seconds: readonly number[]): void {
  for (const second of seconds) {
    slots.push(minuteMs + second);
  }
}

/** The hour in which the minute `index` lies. */
function hourOf({ hours }: LocalTable, index: number): number {
  const after = hours.findIndex((hour) => hour.index > index);
  return (after === -1 ? hours.length : after) - 1;
}

/** Whether something was lost before this hour, and its first instant is no slot by itself. */
function isMoved(rule: OracleRule, at: { first: number; firstLost: number; begin: number; from: number }): boolean {
  return (
    at.firstLost !== 0 &&
    !rule.isInterval &&
    at.begin >= at.from &&
    lostAny(rule, at.firstLost, at.first) &&
    !(matches(rule, at.first) && rule.second[0] === true)
  );
}

function lostAny(rule: OracleRule, first: number, until: number): boolean {
  for (let minute = first; minute < until; minute += 1) {
    if (matches(rule, minute)) {
      return true;
    }
  }
  return false;
}

function matches(rule: OracleRule, localMinute: number): boolean {
  return rule.minute[localMinute % 60] === true && matchesHour(rule, localMinute);
}

function matchesHour(rule: OracleRule, localMinute: number): boolean {
  const ofDay = localMinute % DAY_MINUTES;
  return rule.hour[Math.floor(ofDay / 60)] === true && rule.day(Math.floor(localMinute / DAY_MINUTES));
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? Number.NaN;
}
