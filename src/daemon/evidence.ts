// Keeps of an ended attempt or run what an escalation will tell of it.

import type { FailedRun } from '../core/breaker/failure-count.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { ExitStatus, Run } from '../core/run/run.ts';
import type { House } from './house.ts';

/** Longest last line kept. */
const LAST_LINE_CHARS = 300;

/** The evidence that `run` ended with `outcome`; the ledger may know more of it than `run`. */
export function evidenceOf(house: Pick<House, 'ledger' | 'clock' | 'fleet'>, run: Run, outcome: Outcome): FailedRun {
  const known = house.ledger.runs.get(run.id) ?? run;
  const endedAt = known.endedAt ?? house.clock.now();
  return {
    run: run.id,
    agent: run.agent,
    outcome,
    exit: exitInWords(known.exit),
    endedAt,
    tookMs: known.startedAt === null ? 0 : Math.max(0, endedAt - known.startedAt),
    lastLine: 'reason' in outcome ? outcome.reason.slice(0, LAST_LINE_CHARS) : null,
    configHash: house.fleet.now.hash,
  };
}

function exitInWords(exit: ExitStatus | null): string | null {
  if (exit === null) {
    return null;
  }
  return exit.signal ?? (exit.code === null ? null : `exit ${exit.code}`);
}
