// Writes the keys by which a repeated wish is known as the first one. Slots need none: the slot table is unique by (agent, epoch, instant).

import type { AgentKey } from '../ids.ts';

/** A wish of an operator for one agent; `key` was chosen by who asked, and is sent again after a lost reply. */
export function operatorKey(agent: AgentKey, key: string): string {
  return JSON.stringify(['operator', agent, key]);
}

/** An event for one agent: each agent that listens runs once per `key`. */
export function eventKey(agent: AgentKey, event: string, key: string): string {
  return JSON.stringify(['event', agent, event, key]);
}
