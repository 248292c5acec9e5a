// What is remembered of the last reconciliation of one project and environment.

import type { Fleet } from '../fleet.ts';
import type { ReconciliationResult } from './result.ts';

/** Plain JSON. */
export interface StoredReconciliation {
  readonly version: 1;
  /** Of what was put into force; null: nothing yet. */
  readonly configHash: string | null;
  readonly at: number | null;
  readonly by: string | null;
  readonly result: ReconciliationResult | null;
}

const FRESH: StoredReconciliation = { version: 1, configHash: null, at: null, by: null, result: null };

/** The key under which it is kept: another environment of the same factory is another state. */
export function storedKey({ factory }: Pick<Fleet, 'factory'>): string {
  return `${factory.name}/${factory.environment}`;
}

/** The state in `stored`; a fresh one where there is none, or one of a version that is not known. */
export function readStored(stored: unknown): StoredReconciliation {
  return typeof stored === 'object' && stored !== null && 'version' in stored && stored.version === 1
    ? (stored as StoredReconciliation)
    : FRESH;
}
