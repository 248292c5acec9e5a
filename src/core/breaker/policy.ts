// Says which agents' endings a project's breaker counts.

import type { AgentDefinition, BreakerRule } from '../fleet.ts';
import type { AgentKey, ProjectId } from '../ids.ts';
import { matchesPattern } from '../name-pattern.ts';

/** Counted by default: a project's meta agents, so that a flaky developer or reviewer cannot pause a project. */
export const DEFAULT_COUNTED: readonly string[] = ['project-meta', 'project-meta-*'];

/** Whether endings of `agent` count for its project; an agent without a project counts for none (P13, P17). */
export function isCounted(
  agent: Pick<AgentDefinition, 'name' | 'project'>,
  rule: Pick<BreakerRule, 'agents'>,
): boolean {
  return agent.project !== null && rule.agents.some((pattern) => matchesPattern(pattern, agent.name));
}

/** The enabled agents of `project` that count, by name. */
export function countedAgents(
  project: { readonly id: ProjectId; readonly breaker: Pick<BreakerRule, 'agents'> },
  agents: readonly Pick<AgentDefinition, 'key' | 'name' | 'project' | 'enabled'>[],
): readonly AgentKey[] {
  return agents
    .filter((agent) => agent.enabled && agent.project === project.id && isCounted(agent, project.breaker))
    .map((agent) => agent.key)
    .sort();
}
