// Reads the UTC-offset transitions of IANA zones out of Intl, as far as they are asked for, and keeps them.

import { firstAfter, UTC } from '../../core/trigger/zone.ts';
import type { Transition, Zone, ZoneSpan } from '../../core/trigger/zone.ts';

const DAY_MS = 86_400_000;

/** Of all zones from 1970 to 2045 no two changes lie closer than 7 days (Recife 2000, Gaza 2040). */
const PROBE_MS = 3 * DAY_MS;

/** How much is read at once on each side of what is asked: some 250 probes, 1 ms. */
const READ_AHEAD_MS = 2 * 366 * DAY_MS;

/** A span's artificial edge stays this far from the instant asked for (contract of Zone.spanAt). */
const MARGIN_MS = 30 * DAY_MS;

/** Beyond these years (a clock gone mad) the offset at the edge is taken as constant. */
const FIRST_MS = Date.UTC(1970, 0, 1);
const LAST_MS = Date.UTC(2200, 0, 1);

/** Gives zones by IANA name, each read once per table. Throws RangeError for a name that Intl does not know. */
export function zoneTable(): (name: string) => Zone {
  const zones = new Map<string, Zone>([['UTC', UTC]]);
  return (name) => {
    const known = zones.get(name);
    if (known !== undefined) {
      return known;
    }
    const zone = new IntlZone(name);
    zones.set(name, zone);
    return zone;
  };
}

/** One zone: a window of time that grows in both directions, and the transitions in it. */
class IntlZone implements Zone {
  readonly name: string;
  readonly #offsetAt: (atMs: number) => number;
  /** The window that was read: [#fromMs, #untilMs). */
  #fromMs = 0;
  #untilMs = 0;
  #firstOffsetMs = 0;
  readonly #transitions: Transition[] = [];

  constructor(name: string) {
    this.name = name;
    this.#offsetAt = offsetReader(name);
  }

  spanAt(atMs: number): ZoneSpan {
    this.#readAround(Math.min(Math.max(atMs, FIRST_MS), LAST_MS));
    const next = firstAfter(this.#transitions, atMs);
    const last = this.#transitions[next - 1];
    return {
      fromMs: last?.atMs ?? this.#edge(this.#fromMs),
      untilMs: this.#transitions[next]?.atMs ?? this.#edge(this.#untilMs),
      offsetMs: last?.offsetMs ?? this.#firstOffsetMs,
    };
  }

  #edge(atMs: number): number {
    if (atMs <= FIRST_MS) {
      return -Infinity;
    }
    return atMs >= LAST_MS ? Infinity : atMs;
  }

  #readAround(atMs: number): void {
    if (this.#fromMs === this.#untilMs) {
      this.#fromMs = wholeProbe(atMs);
      this.#untilMs = this.#fromMs;
      this.#firstOffsetMs = this.#offsetAt(this.#fromMs);
    }
    if (atMs + MARGIN_MS > this.#untilMs && this.#untilMs < LAST_MS) {
      const until = Math.min(wholeProbe(atMs + READ_AHEAD_MS), LAST_MS);
      this.#transitions.push(...this.#read(this.#untilMs, until));
      this.#untilMs = until;
    }
    if (atMs - MARGIN_MS < this.#fromMs && this.#fromMs > FIRST_MS) {
      const from = Math.max(wholeProbe(atMs - READ_AHEAD_MS), FIRST_MS);
      this.#transitions.unshift(...this.#read(from, this.#fromMs));
      this.#firstOffsetMs = this.#offsetAt(from);
      this.#fromMs = from;
    }
  }

  /** The transitions in (fromMs, untilMs]. */
  #read(fromMs: number, untilMs: number): readonly Transition[] {
    const found: Transition[] = [];
    let before = this.#offsetAt(fromMs);
    for (let at = fromMs; at < untilMs; at += PROBE_MS) {
      const end = Math.min(at + PROBE_MS, untilMs);
      const after = this.#offsetAt(end);
      if (after !== before) {
        found.push({ atMs: this.#firstWith(after, at, end), offsetMs: after });
        before = after;
      }
    }
    return found;
  }

  /** The first whole second of (fromMs, untilMs] at which the offset is `offsetMs`. */
  #firstWith(offsetMs: number, fromMs: number, untilMs: number): number {
    let low = fromMs;
    let high = untilMs;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (this.#offsetAt(middle) === offsetMs) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }
}

/** Probes stand on a fixed raster, so that a table does not depend on when it was first asked. */
function wholeProbe(atMs: number): number {
  return Math.floor(atMs / PROBE_MS) * PROBE_MS;
}

/** Reads the offset out of the local time that Intl prints: the one form that holds seconds in every year. */
function offsetReader(name: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (atMs) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = format
      .format(atMs)
      .split(/\D+/)
      .map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  };
}
