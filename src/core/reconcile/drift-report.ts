// Tells whether what is in force and alive is what agents.toml says, without changing anything.

import type { Fleet } from '../fleet.ts';
import { resourceName, resourcesOf } from './desired.ts';
import type { Observed } from './observed.ts';
import type { Plan } from './plan.ts';

/** The answer of a drift check. */
export interface DriftReport {
  readonly hasDrift: boolean;
  /** Names of what differs: `agent repo/steward`, `project repo`, `factory`. */
  readonly driftedResources: readonly string[];
  /** Resources in agents.toml. */
  readonly totalResources: number;
  /** Resources in force, and agents that are alive without being in force. */
  readonly observedCount: number;
}

/** The report on a look at `desired` and `observed`, whose plan is `plan`. */
export function driftReport(desired: Fleet, observed: Observed, plan: Plan): DriftReport {
  const known = new Set(observed.fleet.agents.map(({ key }) => key));
  const strangers = new Set(observed.standing.map(({ agent }) => agent).filter((key) => !known.has(key)));
  return {
    hasDrift: plan.changes.length > 0,
    driftedResources: plan.changes.map(resourceName),
    totalResources: resourcesOf(desired).size,
    observedCount: resourcesOf(observed.fleet).size + strangers.size,
  };
}

/** Nothing is left to do. */
export function isConverged(report: DriftReport): boolean {
  return !report.hasDrift;
}

/** The lines that a person reads. */
export function driftText(report: DriftReport): readonly string[] {
  return report.hasDrift
    ? ['Drift detected:', ...report.driftedResources.map((name) => `  - ${name}`)]
    : ['No drift detected - state is converged'];
}
