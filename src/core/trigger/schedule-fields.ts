// A cron schedule as data: the sets of values that each field admits, and how the text began.

/** A parsed schedule. `config/cron.ts` makes it from text (node-cron parses), `schedule.ts` decides what it means. */
export interface Schedule {
  /** The text as written, for messages. */
  readonly text: string;
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** `L`: the last day of the month is admitted too. */
  readonly lastDayOfMonth: boolean;
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** `5#2`: the second Friday; `5L` or `5#L`: the last Friday (nth = -1). */
  readonly nthDaysOfWeek: readonly { readonly day: number; readonly nth: number }[];
  /** The day-of-month field restricts (it is not `*` or `?`). */
  readonly restrictsDayOfMonth: boolean;
  /** The day-of-week field restricts. With both restricting, either suffices (crontab). */
  readonly restrictsDayOfWeek: boolean;
  /** Hour or minute field begins with `*`: follows the wall clock through both passes of a repeated hour. */
  readonly isInterval: boolean;
}
