// Keeps what the pre-check of a run saw until the run has ended: only a run that succeeded has dealt with it.

import type { Run } from '../core/run/run.ts';
import type { Ledger } from '../ports/ledger.ts';

type States = Pick<Ledger, 'states'>;

/** The pre-check of `run` saw this last. */
export function keepSeen(ledger: States, run: Run, seen: string): void {
  ledger.states.set('meta', key(run), seen);
}

/** `run` is over: what its pre-check saw, which is no longer kept; null: nothing. */
export function dropSeen(ledger: States, run: Run): string | null {
  const seen = ledger.states.get('meta', key(run)) as string | null;
  if (seen !== null) {
    ledger.states.remove('meta', key(run));
  }
  return seen;
}

function key(run: Run): string {
  return `seen ${run.id}`;
}
