// A cron schedule as data: the sets of values that each field admits, and how the text began.

/** A parsed schedule; lists ascend and hold no value twice. `config/cron.ts` makes it from text (node-cron parses), `schedule.ts` decides what it means. */
export interface Schedule {
  /** The text as written, for messages. */
  readonly text: string;
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31; months without such a day have no slot for it. */
  readonly daysOfMonth: readonly number[];
  /** Days counted from the last of the month: `L` is 0, `L-3` is 3. */
  readonly daysFromLast: readonly number[];
  /** `15W`: the weekday (Monday to Friday) of the same month nearest to the 15th; `LW`, the last weekday, is 0. */
  readonly nearestWeekdays: readonly number[];
  /** 1 is January. */
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** `5#2`: the second Friday; `5L`: the last Friday (nth = -1). */
  readonly nthDaysOfWeek: readonly { readonly day: number; readonly nth: number }[];
  /** The day-of-month field restricts: it is not `?` and does not begin with `*`. crontab(5) counts a step of `*` as no restriction. */
  readonly restrictsDayOfMonth: boolean;
  /** The day-of-week field restricts, in the same sense. With both restricting either suffices, else both must hold (crontab). */
  readonly restrictsDayOfWeek: boolean;
  /** Hour or minute field begins with `*`: follows the wall clock through both passes of a repeated hour. */
  readonly isInterval: boolean;
}
