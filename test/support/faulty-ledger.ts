// A ledger whose disk is full when a test says so: everything is done, and then undone.

import { OperationalError } from '../../src/lib/operational-error.ts';
import type { Ledger } from '../../src/ports/ledger.ts';

/** `ledger`, where a transaction cannot be kept while `fails`. */
export function faultyLedger(ledger: Ledger, fails: () => boolean): Ledger {
  let isOpen = false;
  return {
    ...ledger,
    transact: (work) => {
      if (isOpen) {
        return ledger.transact(work);
      }
      isOpen = true;
      try {
        return ledger.transact(() => {
          const result = work();
          if (fails()) {
            throw new OperationalError('storage', 'the ledger cannot be written: the pretended disk is full');
          }
          return result;
        });
      } finally {
        isOpen = false;
      }
    },
  };
}
