// Decides what the machine is short of; what was short once has to be clearly better before it is not, so that nothing flaps.

import type { Factory } from '../fleet.ts';

/** What a machine can be short of. */
export type Resource = 'memory' | 'cpu' | 'disk' | 'inodes';

/** One resource past its limit. Pressure is in percent, disk in bytes, inodes are counted. */
export interface Shortage {
  readonly resource: Resource;
  /** The figure with which it began. */
  readonly began: number;
  readonly now: number;
  readonly limit: number;
  /** From this figure on it is over. */
  readonly resumeAt: number;
}

/** What the machine showed; null: it cannot tell, and then nobody is held. */
export type Figures = Readonly<Record<Resource, number | null>>;

/** Pressure has to fall to this share of its limit; free room has to grow to that one. */
const CALM_SHARE = 0.8;
const ROOM_SHARE = 1.05;

/**
 * What is short now, given what was short at the last look.
 *
 *                 past its limit
 *       enough ────────────────────► short
 *          ▲                           │
 *          └───────────────────────────┘
 *            pressure ≤ 80 % of its limit, free room ≥ 105 % of its floor, or it cannot be told any more
 *
 * Example: a limit of 20 % holds from 20.1 % on, and lets go at 16 %.
 */
export function shortages(before: readonly Shortage[], figures: Figures, factory: Factory): readonly Shortage[] {
  const marks: Readonly<Record<Resource, { readonly limit: number; readonly isFloor: boolean }>> = {
    memory: { limit: factory.memoryPressurePercent, isFloor: false },
    cpu: { limit: factory.cpuPressurePercent, isFloor: false },
    disk: { limit: factory.diskFreeFloorBytes, isFloor: true },
    inodes: { limit: factory.inodesFreeFloor, isFloor: true },
  };
  return (Object.keys(marks) as Resource[]).flatMap((resource) => {
    const { limit, isFloor } = marks[resource];
    const now = figures[resource];
    const last = before.find((shortage) => shortage.resource === resource);
    const resumeAt = isFloor ? Math.ceil(limit * ROOM_SHARE) : limit * CALM_SHARE;
    if (now === null || !(last === undefined ? isPast(now, limit, isFloor) : isPast(now, resumeAt, isFloor))) {
      return [];
    }
    return [{ resource, began: last?.began ?? now, now, limit, resumeAt }];
  });
}

function isPast(figure: number, mark: number, isFloor: boolean): boolean {
  return isFloor ? figure < mark : figure > mark;
}
