// Decides at which instants a schedule is due in a zone, over clock changes too, without walking minute by minute.

import type { Schedule } from './schedule-fields.ts';
import { countWallTimes, hasWallTime, visitWallTimes } from './wall-times.ts';
import type { WallRange } from './wall-times.ts';
import type { Zone } from './zone.ts';

/** Instants in (afterMs, untilMs], epoch ms. */
export interface SlotRange {
  readonly afterMs: number;
  readonly untilMs: number;
}

/** Shifts of the clock from this size on are corrections: the new time holds at once (crontab). */
export const CORRECTION_MS = 3 * 3_600_000;

/** How far ahead a next slot is looked for: 29 February on a given weekday may be 40 years away. */
export const HORIZON_MS = 41 * 366 * 86_400_000;

const FIRST_LOOK_BACK_MS = 3_600_000;

/** The first slot after `afterMs`, or null: none within 41 years (30 February by way of `30W 2`). */
export function nextSlot(schedule: Schedule, zone: Zone, afterMs: number): number | null {
  return slotsIn(schedule, zone, { afterMs, untilMs: afterMs + HORIZON_MS, cap: 1 })[0] ?? null;
}

/** The last slot at or before `untilMs`, or null: none in the 41 years before. */
export function previousSlot(schedule: Schedule, zone: Zone, untilMs: number): number | null {
  return newestSlotsIn(schedule, zone, { afterMs: untilMs - HORIZON_MS, untilMs, cap: 1 })[0] ?? null;
}

/** Whether the slot at `slotMs` stands for local times that a clock change swallowed: it runs right after the gap. */
export function standsForGap(schedule: Schedule, zone: Zone, slotMs: number): boolean {
  return piecesOf(schedule, zone, { afterMs: slotMs - 1, untilMs: slotMs }).next().value?.kind === 'moved';
}

/** The slots of a range in ascending order; at most the first `cap`. */
export function slotsIn(
  schedule: Schedule,
  zone: Zone,
  range: SlotRange & { readonly cap: number },
): readonly number[] {
  const slots: number[] = [];
  if (range.cap > 0) {
    visitSlots(schedule, { zone, range }, (slot) => slots.push(slot) < range.cap);
  }
  return slots;
}

/** The newest slots of a range in ascending order; at most `cap`. Looks back in doubling steps, so that a long range costs little. */
export function newestSlotsIn(
  schedule: Schedule,
  zone: Zone,
  range: SlotRange & { readonly cap: number },
): readonly number[] {
  const { afterMs, untilMs, cap } = range;
  const lengthMs = untilMs - afterMs;
  if (cap <= 0 || lengthMs <= 0) {
    return [];
  }
  for (let lookBackMs = FIRST_LOOK_BACK_MS; ; lookBackMs *= 2) {
    const from = Math.max(afterMs, untilMs - lookBackMs);
    const newest = lastOf(schedule, { zone, range: { afterMs: from, untilMs } }, cap);
    if (newest.length === cap || lookBackMs >= lengthMs) {
      return newest;
    }
  }
}

/** How many slots a range holds: costs a step per month and clock change, however many they are. */
export function countSlots(schedule: Schedule, zone: Zone, range: SlotRange): number {
  let count = 0;
  for (const piece of piecesOf(schedule, zone, range)) {
    count += piece.kind === 'moved' ? 1 : countWallTimes(schedule, piece.wall);
  }
  return count;
}

/** A part of a range: local times that are slots at `offset` from UTC, or one slot that stands for those lost in a gap. */
type Piece =
  | { readonly kind: 'plain'; readonly wall: WallRange; readonly offsetMs: number }
  | { readonly kind: 'moved'; readonly atMs: number };

/** Gets a slot; false ends the walk. */
type VisitSlot = (slotMs: number) => boolean;

interface Walk {
  readonly zone: Zone;
  readonly range: SlotRange;
}

function visitSlots(schedule: Schedule, { zone, range }: Walk, visit: VisitSlot): void {
  for (const piece of piecesOf(schedule, zone, range)) {
    const goOn =
      piece.kind === 'moved'
        ? visit(piece.atMs)
        : visitWallTimes(schedule, piece.wall, (wall) => visit(wall * 1000 - piece.offsetMs));
    if (!goOn) {
      return;
    }
  }
}

function lastOf(schedule: Schedule, walk: Walk, cap: number): readonly number[] {
  const slots: number[] = [];
  visitSlots(schedule, walk, (slot) => {
    slots.push(slot);
    if (slots.length >= 2 * cap) {
      slots.splice(0, slots.length - cap);
    }
    return true;
  });
  return slots.slice(-cap);
}

/**
 * The pieces of a range in ascending order. At a change of the offset by less than 3 h a fixed schedule
 * - keeps the first pass of a repeated time: the second pass is left out;
 * - runs once at the first instant after a gap for all that it lost there (unless that instant is a slot anyway).
 */
function* piecesOf(schedule: Schedule, zone: Zone, range: SlotRange): Generator<Piece> {
  let at = Math.floor(range.afterMs / 1000) * 1000 + 1000;
  const end = Math.floor(range.untilMs / 1000) * 1000 + 1000;
  while (at < end) {
    const { fromMs, untilMs, offsetMs } = zone.spanAt(at);
    const until = Math.min(untilMs, end);
    // Far from its beginning a span is plain; asking for the one before would only cost.
    const isNear = !schedule.isInterval && at - fromMs < CORRECTION_MS;
    const shiftMs = isNear ? offsetMs - zone.spanAt(fromMs - 1).offsetMs : 0;
    if (at === fromMs && shiftMs > 0 && shiftMs < CORRECTION_MS && movesPastGap(schedule, fromMs + offsetMs, shiftMs)) {
      yield { kind: 'moved', atMs: fromMs };
    }
    const repeatedMs = shiftMs < 0 && shiftMs > -CORRECTION_MS ? -shiftMs : 0;
    const start = Math.max(at, fromMs + repeatedMs);
    if (start < until) {
      yield { kind: 'plain', wall: { from: (start + offsetMs) / 1000, until: (until + offsetMs) / 1000 }, offsetMs };
    }
    at = until;
  }
}

/** Whether the gap of `gapMs` that ends at local time `endMs` swallowed a slot, and its end is not one by itself. */
function movesPastGap(schedule: Schedule, endMs: number, gapMs: number): boolean {
  const end = endMs / 1000;
  return (
    hasWallTime(schedule, { from: end - gapMs / 1000, until: end }) &&
    !hasWallTime(schedule, { from: end, until: end + 1 })
  );
}
