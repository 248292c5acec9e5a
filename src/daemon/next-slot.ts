// The coming slots of an agent, for people: `agents`, `why` and `next`.

import type { AgentDefinition } from '../core/fleet.ts';
import { nextSlot } from '../core/trigger/schedule.ts';
import type { House } from './house.ts';

/** One coming slot. `note`: what the clock does around it. */
export interface ComingSlot {
  readonly at: number;
  readonly note: string | null;
}

type Needs = Pick<House, 'zones'>;

/** The first slot after `after`, jitter included; null: none is coming. */
export function nextSlotOf(house: Needs, agent: AgentDefinition, after: number): ComingSlot | null {
  if (agent.schedule === null || !agent.enabled || agent.eventOnly || agent.layer === 'Growth') {
    return null;
  }
  const zone = house.zones(agent.timezone);
  const at = nextSlot(agent.schedule, zone, after);
  if (at === null) {
    return null;
  }
  const before = zone.spanAt(after).offsetMs;
  const there = zone.spanAt(at);
  const changed = there.offsetMs !== before;
  // A fixed slot whose wall time does not exist runs at the first instant after the gap, which is where the new span begins.
  const inGap = changed && there.fromMs === at && there.offsetMs > before;
  const note = inGap
    ? `its wall time does not exist that day (clocks go forward in ${agent.timezone}): it runs right after the gap`
    : changed
      ? `the clocks change in ${agent.timezone} before it`
      : null;
  return { at, note };
}

/** Every slot in (from, to], at most `limit`. */
export function comingSlots(
  house: Needs,
  agent: AgentDefinition,
  span: { readonly from: number; readonly to: number; readonly limit: number },
): readonly ComingSlot[] {
  const slots: ComingSlot[] = [];
  let next = nextSlotOf(house, agent, span.from);
  while (next !== null && next.at <= span.to && slots.length < span.limit) {
    slots.push(next);
    next = nextSlotOf(house, agent, next.at);
  }
  return slots;
}
