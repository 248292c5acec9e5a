// What is in force and alive, read afresh before each decision, and the print by which a run's definition is known again.

import type { AgentDefinition, Fleet } from '../fleet.ts';
import type { AgentKey, RunId } from '../ids.ts';
import { canonical } from './canonical.ts';
import type { Digest } from './canonical.ts';
import { PROCESS_FIELDS } from './change-class.ts';

/** Hex digits that tell one value of a field from another: no more than that is to be read out of it. */
const PRINT_DIGITS = 12;

/** What a process was started with, field by field, as digests: values may hold secrets and are not written down. */
export type DefinitionPrint = Readonly<Record<string, string>>;

/** A run that is kept alive because agents.toml wants it always, or the request for one. */
export interface StandingRun {
  readonly run: RunId;
  readonly agent: AgentKey;
  readonly replica: number;
  /** `asked`: waits for admission; `alive`: holds a slot; `stopping`: ends already. */
  readonly state: 'asked' | 'alive' | 'stopping';
  /** Null: not started yet, or by a version that kept none. */
  readonly print: DefinitionPrint | null;
}

/** One look at everything that the desired state is compared with. */
export interface Observed {
  /** In force now. */
  readonly fleet: Fleet;
  /** Name of this machine. */
  readonly node: string;
  readonly standing: readonly StandingRun[];
}

/** The print of a process of `agent` started in `environment`. */
export function printOf(agent: AgentDefinition, environment: string, digest: Digest): DefinitionPrint {
  const short = (value: unknown): string => digest(canonical(value)).slice(0, PRINT_DIGITS);
  const fields = PROCESS_FIELDS.map((field) => [field, short(agent[field])] as const);
  return { ...Object.fromEntries<string>(fields), environment: short(environment) };
}

/** The fields in which a process was started differently; what its print does not tell counts as the same. */
export function fieldsApart(print: DefinitionPrint, now: DefinitionPrint): readonly string[] {
  return Object.keys(now).filter((field) => print[field] !== undefined && print[field] !== now[field]);
}

/** Names an observation: another one has another name as soon as something else is in force or alive. */
export function observedHash({ fleet, node, standing }: Observed, digest: Digest): string {
  const alive = standing.filter(({ state }) => state !== 'asked').toSorted((a, b) => (a.run < b.run ? -1 : 1));
  return digest(canonical({ inForce: fleet.hash, node, alive }));
}
