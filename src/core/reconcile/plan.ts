// What it takes to converge, bound to the configuration and the observation that it was made from.

import type { Fleet } from '../fleet.ts';
import { canonical } from './canonical.ts';
import type { Digest } from './canonical.ts';
import { resourcesOf } from './desired.ts';
import { diff } from './diff.ts';
import type { Difference } from './diff.ts';
import { observedHash } from './observed.ts';
import type { Observed } from './observed.ts';

/** How many resources are created, updated, deleted, and how many stay as they are. */
export interface Counts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
}

/** By which a saved plan is known again. */
export interface PlanBinding {
  /** Of the agents.toml that the plan carries out. */
  readonly configHash: string;
  /** Of what was in force and alive. */
  readonly observedHash: string;
  /** Of both, and of the changes. */
  readonly id: string;
}

/** The changes in the order of agents.toml, those that remove last; no changes: converged. */
export interface Plan extends PlanBinding {
  readonly environment: string;
  readonly changes: readonly Difference[];
  readonly counts: Counts;
}

/** The plan from `observed` to `desired`. */
export function planOf(desired: Fleet, observed: Observed, digest: Digest): Plan {
  const changes = diff(desired, observed, digest);
  const binding = { configHash: desired.hash, observedHash: observedHash(observed, digest) };
  return {
    ...binding,
    id: digest(canonical({ ...binding, changes })),
    environment: desired.factory.environment,
    changes,
    counts: countsOf(changes, desired),
  };
}

/** What carrying out `changes` comes to, of all that `desired` holds. A drift that is put right is an update. */
export function countsOf(changes: readonly Pick<Difference, 'difference'>[], desired: Fleet): Counts {
  const count = (...kinds: readonly Difference['difference'][]): number =>
    changes.filter(({ difference }) => kinds.includes(difference)).length;
  const created = count('create');
  const updated = count('update', 'drift');
  return { created, updated, deleted: count('delete'), unchanged: resourcesOf(desired).size - created - updated };
}

/** Why a plan that was saved as `saved` may not be carried out now that the plan would be `fresh`; null: it may. */
export function stale(saved: PlanBinding, fresh: PlanBinding): string | null {
  if (saved.configHash !== fresh.configHash) {
    return 'agents.toml is not the one that this plan was made from';
  }
  if (saved.observedHash !== fresh.observedHash) {
    return 'what is in force or alive is not what it was when this plan was made';
  }
  return saved.id === fresh.id ? null : 'this version of dark-factory would do something else than this plan says';
}
