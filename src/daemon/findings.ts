// Keeps what the pre-check of a run found until the run has ended, over a restart too.

import type { Run } from '../core/run/run.ts';
import type { Ledger } from '../ports/ledger.ts';

type States = Pick<Ledger, 'states'>;

/** What the pre-check of `run` found; null: nothing, or it has none. */
export function findingsOf(ledger: States, run: Run): string | null {
  return ledger.states.get('meta', key(run)) as string | null;
}

/** The pre-check of `run` found this; null, or what was found is of no more use: nothing is kept. */
export function keepFindings(ledger: States, run: Run, findings: string | null): void {
  if (findings !== null) {
    ledger.states.set('meta', key(run), findings);
  } else if (findingsOf(ledger, run) !== null) {
    ledger.states.remove('meta', key(run));
  }
}

function key(run: Run): string {
  return `findings ${run.id}`;
}
