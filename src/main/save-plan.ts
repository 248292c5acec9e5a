// Saves a plan so that a reader finds all of it or what was there before.

import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { writeWhole } from '../os/whole-file.ts';

/** Writes `text` to `path`. Error `plan.write`. */
export function savePlan(path: string, text: string): void {
  try {
    writeWhole(path, text);
  } catch (cause) {
    throw new OperationalError('plan.write', `the plan cannot be saved as ${path}: ${messageOf(cause)}`, cause);
  }
}
