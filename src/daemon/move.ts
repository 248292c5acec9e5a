// Moves a run from state to state: the one place where that is written, so that nothing moves but as drawn in lifecycle.ts.

import { advance } from '../core/run/lifecycle.ts';
import type { RunEvent } from '../core/run/lifecycle.ts';
import type { Run } from '../core/run/run.ts';
import type { Ledger, RunPatch } from '../ports/ledger.ts';

/** What happens to a run, and what changes of it besides its state. */
export interface Move extends Omit<RunPatch, 'state'> {
  readonly event: RunEvent;
}

/** Inside a transaction: `run`, as the ledger has it now, moves on. Throws where that is not drawn, which is a mistake of ours. */
export function move(ledger: Pick<Ledger, 'runs'>, run: Pick<Run, 'id'>, { event, ...patch }: Move): void {
  const before = ledger.runs.get(run.id)?.state ?? null;
  const state = before === null ? null : advance(before, event);
  if (state === null) {
    throw new Error(`${run.id} is ${before ?? 'unknown'}: it cannot ${event}`);
  }
  ledger.runs.update(run.id, { ...patch, state });
}
