// The coming slots of an agent, for people: `agents`, `why` and `next`.

import type { AgentDefinition } from '../core/fleet.ts';
import { jitterOf } from '../core/trigger/jitter.ts';
import { nextSlot, standsForGap } from '../core/trigger/schedule.ts';
import type { Schedule } from '../core/trigger/schedule-fields.ts';
import type { Zone } from '../core/trigger/zone.ts';
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
  const delayMs = jitterOf(agent.key, agent.jitterMs);
  const slot = nextSlot(agent.schedule, zone, after - delayMs);
  if (slot === null) {
    return null;
  }
  return { at: slot + delayMs, note: noteOf(agent.schedule, zone, { after, slot }) };
}

function noteOf(schedule: Schedule, zone: Zone, at: { readonly after: number; readonly slot: number }): string | null {
  if (standsForGap(schedule, zone, at.slot)) {
    return `its wall time does not exist that day (clocks go forward in ${zone.name}): it runs right after the gap`;
  }
  return zone.spanAt(at.slot).offsetMs === zone.spanAt(at.after).offsetMs
    ? null
    : `the clocks change in ${zone.name} before it`;
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
