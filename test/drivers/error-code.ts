// The stable code of what a start throws.

import { OperationalError } from '../../src/lib/operational-error.ts';

/** The code of the OperationalError that `start` throws; null: it throws none. */
export function errorCode(start: () => unknown): string | null {
  try {
    start();
    return null;
  } catch (error) {
    if (error instanceof OperationalError) {
      return error.code;
    }
    throw error;
  }
}
