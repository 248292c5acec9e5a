// Decides what differs between two fleets, so that a reload can say what it does.

import type { AgentDefinition, Fleet, Project } from './fleet.ts';

/** A part of a fleet; `key` is the agent's key or the project's id, and empty for the others. */
export interface FleetPart {
  readonly kind: 'factory' | 'gitea' | 'project' | 'agent';
  readonly key: string;
}

/** What differs, in the order of the newer fleet; `fields` are names of the Fleet types, values are never shown. */
export interface FleetDiff {
  readonly added: readonly FleetPart[];
  readonly changed: readonly (FleetPart & { readonly fields: readonly string[] })[];
  readonly removed: readonly FleetPart[];
}

/** The difference between `old` and `next`. Parts are matched by key, so a renamed agent is one removed and one added. */
export function diffFleets(old: Fleet, next: Fleet): FleetDiff {
  const before = partsOf(old);
  const after = partsOf(next);
  const changed = [...after].flatMap(([id, part]) => {
    const other = before.get(id);
    const fields = other === undefined ? [] : differingFields(other.value, part.value);
    return fields.length === 0 ? [] : [{ kind: part.kind, key: part.key, fields }];
  });
  return { added: missingFrom(before, after), changed, removed: missingFrom(after, before) };
}

type Value = Readonly<Record<string, unknown>>;
type Parts = ReadonlyMap<string, FleetPart & { readonly value: Value }>;

function partsOf(fleet: Fleet): Parts {
  const project = (value: Project) => ({ kind: 'project', key: value.id, value: { ...value } }) as const;
  const agent = (value: AgentDefinition) => ({ kind: 'agent', key: value.key, value: { ...value } }) as const;
  const parts = [
    { kind: 'factory', key: '', value: { ...fleet.factory } } as const,
    ...(fleet.gitea === null ? [] : [{ kind: 'gitea', key: '', value: { ...fleet.gitea } } as const]),
    ...fleet.projects.map(project),
    ...fleet.agents.map(agent),
  ];
  return new Map(parts.map((part) => [`${part.kind} ${part.key}`, part]));
}

function missingFrom(here: Parts, there: Parts): FleetPart[] {
  return [...there].flatMap(([id, { kind, key }]) => (here.has(id) ? [] : [{ kind, key }]));
}

function differingFields(old: Value, next: Value): string[] {
  const names = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...names].filter((name) => !isEqual(old[name], next[name]));
}

/** Deep equality of plain data, whatever the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b;
  }
  const left = Object.entries(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && isEqual(value, (b as Value)[key]))
  );
}
