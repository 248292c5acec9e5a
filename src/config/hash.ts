// Names a configuration by its content, so that every fact can say which one was in force.

import { createHash } from 'node:crypto';

import type { AgentDefinition, Fleet } from '../core/fleet.ts';

/** The SHA-256 of `value` as JSON with sorted keys: equal content gives equal hashes, however it was written. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** The hash of a fleet. */
export function hashFleet(content: Omit<Fleet, 'hash'>): string {
  return hashOf({ ...content, agents: content.agents.map(withoutFields) });
}

/** The hash of one agent. */
export function hashAgent(agent: AgentDefinition): string {
  return hashOf(withoutFields(agent));
}

/** A schedule's text says all that its fields say, in a hundredth of the bytes. */
function withoutFields(agent: AgentDefinition): object {
  return { ...agent, schedule: agent.schedule?.text ?? null };
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value) ?? 'null';
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
