// What the core knows of a time zone: the spans of time in which its distance from UTC is constant.

/** Instants in [fromMs, untilMs), whole seconds, in which local time is UTC + offsetMs. */
export interface ZoneSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/** A zone's table of transitions, asked span by span so that whoever holds it can extend it as it is asked. */
export interface Zone {
  /** The IANA name. */
  readonly name: string;
  /** The span around `atMs`. A span may end where nothing changes (the table's edge), but never within a day of `atMs`. */
  spanAt(atMs: number): ZoneSpan;
}

/** A change of the offset at an instant. */
export interface Transition {
  readonly atMs: number;
  readonly offsetMs: number;
}

/** UTC: one span, no transition. */
export const UTC: Zone = zoneOf('UTC', 0, []);

/** A zone from its whole table: the offset before the first transition, and the transitions in ascending order. */
export function zoneOf(name: string, firstOffsetMs: number, transitions: readonly Transition[]): Zone {
  return {
    name,
    spanAt: (atMs) => {
      const next = firstAfter(transitions, atMs);
      const last = transitions[next - 1];
      return {
        fromMs: last?.atMs ?? -Infinity,
        untilMs: transitions[next]?.atMs ?? Infinity,
        offsetMs: last?.offsetMs ?? firstOffsetMs,
      };
    },
  };
}

/** Index of the first of `transitions` after `atMs`; their count when there is none. */
export function firstAfter(transitions: readonly Transition[], atMs: number): number {
  let low = 0;
  let high = transitions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((transitions[middle]?.atMs ?? Infinity) > atMs) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
