// Decides which plans are too much to be carried out without a person raising a limit first.

import type { Fleet } from '../fleet.ts';
import { formatBytes } from '../../lib/bytes.ts';
import type { Observed } from './observed.ts';
import type { Plan } from './plan.ts';

/** A limit that a plan would break. */
export interface Violation {
  readonly code: 'max_agents' | 'max_concurrent' | 'max_memory_total' | 'max_deletes' | 'empty';
  /** With the numbers, and what to do. */
  readonly text: string;
}

/** Every limit that the fleet itself breaks, however it comes into force. */
export function ceilings(fleet: Fleet): readonly Violation[] {
  const { guardrails, factory } = fleet;
  const agents = fleet.agents.length;
  const memory = fleet.agents
    .filter(({ enabled }) => enabled)
    .reduce((sum, agent) => sum + agent.maxMemoryBytes * (agent.layer === 'Safety' ? agent.replicas : 1), 0);
  return [
    ...above('max_agents', { value: agents, limit: guardrails.maxAgents, what: 'agents' }),
    ...above('max_concurrent', {
      value: factory.maxConcurrentAgents,
      limit: guardrails.maxConcurrent,
      what: 'runs at once (max_concurrent_agents)',
    }),
    ...above('max_memory_total', {
      value: memory,
      limit: guardrails.maxMemoryTotalBytes,
      what: 'of memory for one run of every enabled agent and each replica',
      show: formatBytes,
    }),
  ];
}

/** Every limit that carrying out `plan` would break; the resulting fleet is what counts, not what is added to it. */
export function violations(desired: Fleet, observed: Observed, plan: Plan): readonly Violation[] {
  const removed = plan.changes.filter(({ kind, difference }) => kind === 'agent' && difference === 'delete').length;
  const held = new Set([
    ...observed.fleet.agents.map(({ key }) => key),
    ...observed.standing.map(({ agent }) => agent),
  ]);
  const half = Math.max(1, Math.floor(held.size / 2));
  const limit = desired.guardrails.maxDeletes ?? half;
  const isEmpty = desired.agents.length === 0 && removed > 0;
  return [
    ...ceilings(desired),
    ...(isEmpty
      ? [
          {
            code: 'empty',
            text: `agents.toml names no agent: an empty file never stops what runs (adf drain does)`,
          } as const,
        ]
      : []),
    ...(removed > limit && !isEmpty
      ? [
          {
            code: 'max_deletes',
            text: `${removed} of ${held.size} agents would be deleted, at most ${limit}${
              desired.guardrails.maxDeletes === null ? ' (half the fleet)' : ''
            }: if that is meant, set [guardrails] max_deletes = ${removed}`,
          } as const,
        ]
      : []),
  ];
}

function above(
  code: Violation['code'],
  given: {
    readonly value: number;
    readonly limit: number | null;
    readonly what: string;
    readonly show?: (value: number) => string;
  },
): readonly Violation[] {
  const { value, limit, what, show = String } = given;
  return limit === null || value <= limit
    ? []
    : [{ code, text: `${show(value)} ${what}, at most ${show(limit)} ([guardrails] ${code})` }];
}
