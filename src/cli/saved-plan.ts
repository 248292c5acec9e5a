// Reads what a saved plan is known by; what it would do is asked of the daemon again, never taken from the file.

import type { PlanBinding } from '../core/reconcile/plan.ts';
import { OperationalError } from '../lib/operational-error.ts';

/** The binding in `text`. Throws OperationalError `invalid_plan` for anything that `adf plan -o` of this version did not write. */
export function readPlan(text: string): PlanBinding {
  const value = parse(text);
  if (value['kind'] !== 'plan') {
    throw invalid('this file holds no plan');
  }
  if (value['version'] !== 1) {
    throw invalid('this plan was saved by another version of dark-factory');
  }
  const { configHash, observedHash, id } = value;
  if (typeof configHash !== 'string' || typeof observedHash !== 'string' || typeof id !== 'string') {
    throw invalid('this plan does not say what it was made from');
  }
  return { configHash, observedHash, id };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('this file holds no plan', cause);
  }
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function invalid(what: string, cause?: unknown): OperationalError {
  return new OperationalError('invalid_plan', `${what}: make one with adf plan -o FILE`, cause);
}
