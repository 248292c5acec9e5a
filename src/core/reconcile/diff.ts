// Decides what differs between the desired and the observed state, what it takes to converge, and which runs it ends.

import type { AgentDefinition, Fleet } from '../fleet.ts';
import type { AgentKey, RunId } from '../ids.ts';
import type { Digest } from './canonical.ts';
import { classOf, highest } from './change-class.ts';
import type { ChangeClass } from './change-class.ts';
import { resourcesOf, wantedReplicas } from './desired.ts';
import type { Resource, ResourceName } from './desired.ts';
import { fieldsApart, printOf } from './observed.ts';
import type { DefinitionPrint, Observed, StandingRun } from './observed.ts';

/** `drift`: agents.toml says what is in force, but what is alive is something else. */
export type DifferenceKind = 'create' | 'update' | 'delete' | 'drift';

/** A run that has to end: it was started with another definition, or nobody wants it any more. */
export interface RunToStop {
  readonly run: RunId;
  readonly why: 'redefined' | 'removed';
}

/** One resource that is not as it is desired. Fields are told by name; values are never shown. */
export interface Difference extends ResourceName {
  readonly difference: DifferenceKind;
  readonly class: ChangeClass;
  readonly fields: readonly string[];
  readonly stops: readonly RunToStop[];
  /** Replicas that are wanted and that nobody has asked for. */
  readonly missing: readonly number[];
}

/** Everything that differs: what is desired in the order of agents.toml, then what is to go. */
export function diff(desired: Fleet, observed: Observed, digest: Digest): readonly Difference[] {
  const before = resourcesOf(observed.fleet);
  const after = resourcesOf(desired);
  const world: World = {
    desired,
    node: observed.node,
    runs: Map.groupBy(observed.standing, (run) => run.agent),
    definitions: new Map(desired.agents.map((agent) => [agent.key, agent])),
    digest,
  };
  const wanted = new Set(desired.agents.map((agent) => agent.key));
  const present = [...after].flatMap(([identity, resource]) => compare(before.get(identity), resource, world));
  const gone = [...before].flatMap(([identity, resource]) =>
    after.has(identity) ? [] : [removal(resource, wanted, world)],
  );
  const known = new Set([...before.values()].flatMap(({ kind, key }) => (kind === 'agent' ? [key] : [])));
  const strangers = [...world.runs.keys()]
    .filter((key) => !known.has(key) && !wanted.has(key))
    .map((key) => removal({ kind: 'agent', key }, wanted, world))
    .filter(({ stops }) => stops.length > 0);
  return [...present, ...gone, ...strangers];
}

interface World {
  readonly desired: Fleet;
  readonly node: string;
  readonly runs: ReadonlyMap<AgentKey, readonly StandingRun[]>;
  readonly definitions: ReadonlyMap<string, AgentDefinition>;
  readonly digest: Digest;
}

function compare(old: Resource | undefined, next: Resource, world: World): readonly Difference[] {
  const { kind, key } = next;
  const fields = old === undefined ? [] : differingFields(old.value, next.value);
  const { stops, missing, apart } = kind === 'agent' ? living(key, world) : NOTHING;
  if (old !== undefined && fields.length + stops.length + missing.length === 0) {
    return [];
  }
  const difference = old === undefined ? 'create' : fields.length > 0 ? 'update' : 'drift';
  const touched = stops.length > 0 ? highest('restart', classOf(apart)) : 'in-place';
  // A run that is not kept alive ends by itself; the next one takes the new definition.
  const keeps = old?.value['layer'] === 'Safety' || next.value['layer'] === 'Safety';
  const own = kind === 'agent' ? classOf(fields) : 'in-place';
  const named = highest(own === 'restart' && !keeps ? 'in-place' : own, touched);
  // A missing replica of a new or changed agent is what the change itself brings.
  const absent = difference === 'drift' ? missing : [];
  return [{ kind, key, difference, class: named, fields: [...new Set([...fields, ...apart])], stops, missing: absent }];
}

function removal({ kind, key }: ResourceName, wanted: ReadonlySet<AgentKey>, world: World): Difference {
  // Under another environment's identity the same key goes on: then its creation says which runs are to end.
  const goes = kind === 'agent' && !wanted.has(key as AgentKey);
  const stops = goes
    ? alive(world.runs.get(key as AgentKey)).map(({ run }): RunToStop => ({ run, why: 'removed' }))
    : [];
  const done = kind === 'agent' ? 'recreate' : 'in-place';
  return { kind, key, difference: 'delete', class: done, fields: [], stops, missing: [] };
}

const NOTHING = { stops: [], missing: [], apart: [] } as const;

/** What of an agent's standing runs is too much, out of date, or not there. */
function living(
  key: string,
  world: World,
): Pick<Difference, 'stops' | 'missing'> & { readonly apart: readonly string[] } {
  const agent = world.definitions.get(key);
  const runs = world.runs.get(key as AgentKey) ?? [];
  const wanted = agent === undefined ? 0 : wantedReplicas(agent, world.node);
  if (agent === undefined || (runs.length === 0 && wanted === 0)) {
    return NOTHING;
  }
  const print = printOf(agent, world.desired.factory.environment, world.digest);
  const judged = alive(runs).map((run) => ({ run, apart: apartOf(run, print), extra: run.replica >= wanted }));
  const open = new Set(runs.map((run) => run.replica));
  return {
    stops: judged
      .filter(({ extra, apart }) => extra || apart.length > 0)
      .map(({ run, extra }): RunToStop => ({ run: run.run, why: extra ? 'removed' : 'redefined' })),
    missing: Array.from({ length: wanted }, (_, replica) => replica).filter((replica) => !open.has(replica)),
    apart: [...new Set(judged.flatMap(({ apart, extra }) => (extra ? [] : apart)))],
  };
}

/** What is being stopped already needs nothing more. */
function alive(runs: readonly StandingRun[] | undefined): readonly StandingRun[] {
  return (runs ?? []).filter((run) => run.state === 'alive');
}

function apartOf(run: StandingRun, print: DefinitionPrint): readonly string[] {
  return run.print === null ? [] : fieldsApart(run.print, print);
}

function differingFields(old: Resource['value'], next: Resource['value']): string[] {
  const names = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...names].filter((name) => !isEqual(old[name], next[name]));
}

/** Deep equality of plain data, whatever the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Object.is(a, b);
  }
  const left = Object.entries(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && isEqual(value, (b as Resource['value'])[key]))
  );
}
