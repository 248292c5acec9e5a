// What a fleet wants, resource by resource: the settings, each project, each agent, and how many runs are always wanted.

import type { AgentDefinition, Fleet } from '../fleet.ts';

/** What a resource is: a table of agents.toml by its name in the Fleet, a project, or an agent. */
export type ResourceKind = 'project' | 'agent' | Exclude<keyof Fleet, 'hash' | 'projects' | 'agents'>;

/** Names a resource; `key` is the agent's key or the project's id, and empty for the others. */
export interface ResourceName {
  readonly kind: ResourceKind;
  readonly key: string;
}

/** A part of a fleet with the fields by which it is compared. */
export interface Resource extends ResourceName {
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every resource of `fleet` by its identity. Projects and agents of another environment are others, whatever their names. */
export function resourcesOf(fleet: Fleet): ReadonlyMap<string, Resource> {
  const { hash: _hash, projects, agents, budgets, ...tables } = fleet;
  const resources = new Map<string, Resource>();
  for (const [kind, value] of Object.entries(tables)) {
    if (value !== null) {
      resources.set(kind, { kind: kind as keyof typeof tables, key: '', value: fieldsOf(value) });
    }
  }
  const byKey = Object.fromEntries(budgets.map((budget) => [budget.key, budget]));
  resources.set('budgets', { kind: 'budgets', key: '', value: byKey });
  const { environment } = fleet.factory;
  for (const project of projects) {
    resources.set(`${environment}/project ${project.id}`, { kind: 'project', key: project.id, value: { ...project } });
  }
  for (const agent of agents) {
    resources.set(`${environment}/agent ${agent.key}`, { kind: 'agent', key: agent.key, value: { ...agent } });
  }
  return resources;
}

/** The fields of a table; of a list of named tables the tables themselves, so that their order means nothing. */
function fieldsOf(table: object | readonly { readonly name: string }[]): Resource['value'] {
  const fields = Array.isArray(table)
    ? (table as readonly { readonly name: string }[]).map((one) => [one.name, one] as const)
    : Object.entries(table);
  return Object.fromEntries(fields);
}

/** How a person reads a resource's name: `agent repo/steward`, `factory`. */
export function resourceName({ kind, key }: ResourceName): string {
  return key === '' ? kind : `${kind} ${key}`;
}

/** How many runs of `agent` are always wanted on the machine called `node`. */
export function wantedReplicas(agent: AgentDefinition, node: string): number {
  const isOurs = agent.placement === null || agent.placement.node === node;
  return agent.layer === 'Safety' && agent.enabled && isOurs ? agent.replicas : 0;
}
