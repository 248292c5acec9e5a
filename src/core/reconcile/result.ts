// What came of a reconciliation: counts of what was done, beside those of what was planned.

import { resourceName } from './desired.ts';
import type { Difference } from './diff.ts';
import type { Counts } from './plan.ts';

/** How a reconciliation ended. */
export interface ReconciliationResult extends Counts {
  readonly success: boolean;
  /** First how many actions of the last attempt failed, then each; or why an attempt could not be made. */
  readonly errors: readonly string[];
  /** What the first look said would be done. */
  readonly planned: Counts;
  /** Attempts begun; 0: there was nothing to do. */
  readonly attempts: number;
}

/** One action that could not be carried out. */
export interface FailedAction {
  readonly name: string;
  readonly message: string;
}

/** The error lines of an attempt in which `failed` of `all` actions could not be carried out; none: none. */
export function failureLines(failed: readonly FailedAction[], all: number): readonly string[] {
  return failed.length === 0
    ? []
    : [`${failed.length} of ${all} actions failed`, ...failed.map(({ name, message }) => `${name}: ${message}`)];
}

/** Each resource once, however many attempts it took. */
export function distinct(changes: readonly Difference[]): readonly Difference[] {
  return [
    ...new Map(changes.map((change) => [`${change.difference === 'delete'} ${resourceName(change)}`, change])).values(),
  ];
}

/** The lines that a person reads. */
export function resultText(result: ReconciliationResult): readonly string[] {
  const { success, created, updated, deleted, errors } = result;
  return [
    success ? 'Reconciliation successful:' : 'Reconciliation failed:',
    `  Created: ${created}`,
    `  Updated: ${updated}`,
    `  Deleted: ${deleted}`,
    `  Unchanged: ${result.unchanged}`,
    ...(errors.length === 0 ? [] : ['  Errors:', ...errors.map((error) => `    - ${error}`)]),
  ];
}
