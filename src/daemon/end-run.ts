// The one end of a run, inside the transaction of whoever found it out: what was kept for it goes, and what it brought is posted.

import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import { runUsage } from '../core/budget/spend.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { ExitReport } from '../ports/execution-host.ts';
import type { Ledger } from '../ports/ledger.ts';
import { keepFindings } from './findings.ts';
import type { House } from './house.ts';
import { move } from './move.ts';
import type { Move } from './move.ts';
import { postEnd } from './post-result.ts';
import type { Note } from './recorder.ts';
import { dropSeen } from './seen.ts';
import { subject } from './subject.ts';

/** How a run ended. Without a report and a verdict nobody saw a process of it end. */
export interface EndOfRun {
  readonly outcome: Outcome;
  readonly report?: ExitReport;
  readonly verdict?: DriverVerdict | null;
}

/** `run` is over. What the house makes of that (`Reactor`) is the caller's. */
export function endRun(
  house: Pick<House, 'clock' | 'ledger' | 'fleet'>,
  { run, ...end }: EndOfRun & { readonly run: Run },
  note: Note,
): void {
  const { ledger, clock } = house;
  const { outcome, report = null } = end;
  settleSlot(ledger, run);
  const endedAt = report?.endedAt ?? clock.now();
  const usage = run.attempts === 0 ? null : runUsage(ledger.spend.ofRun(run.id));
  move(ledger, run, {
    event: 'end',
    endedAt,
    outcome,
    ...(report === null ? {} : seenBy(run, report)),
    ...(usage === null ? {} : { usage }),
  });
  keepFindings(ledger, run, null);
  const seen = dropSeen(ledger, run);
  if (seen !== null && outcome.kind === 'succeeded') {
    ledger.states.set('schedule', run.agent, seen);
  }
  if (outcome.kind === 'refused') {
    ledger.verdicts.note(run.id, 'refused', { reasons: outcome.reasons, now: clock.now() });
    note({ kind: 'run.refused', ...subject(run), reasons: outcome.reasons });
  } else {
    note({
      kind: 'run.ended',
      ...subject(run),
      outcome,
      durationMs: report?.durationMs ?? null,
      cpuMs: report?.cpuMs ?? null,
      peakMemoryBytes: report?.peakMemoryBytes ?? null,
      note: end.verdict?.evidence ?? null,
    });
  }
  // What the end sets in motion is told with the run, so that `adf show` can say so.
  postEnd(house, run, (fact) => note({ run: run.id, ...fact }));
}

/** `run` waits again, and holds neither slot nor memory meanwhile. */
export function waitAgain(
  ledger: Pick<Ledger, 'runs'>,
  run: Run,
  how: { readonly event: 'restore' | 'retry'; readonly notBefore?: number },
): void {
  move(ledger, run, { ...how, memoryPromisedBytes: 0 });
}

/** `run` waits again as if it had not been admitted, for the reason `why`. */
export function putBack(ledger: Pick<Ledger, 'runs' | 'slots'>, run: Run, given: { why: string; note: Note }): void {
  waitAgain(ledger, run, { event: 'restore' });
  ledger.slots.settle(run.id, 'waiting');
  given.note({ kind: 'run.restored', ...subject(run), reason: given.why });
}

/** A slot that still waits: it was admitted once if anything was begun for it, and what became of it is told by its run. */
function settleSlot(ledger: Pick<Ledger, 'slots' | 'attempts'>, run: Run): void {
  if (run.trigger.kind === 'slot' && ledger.slots.ofRun(run.id)?.verdict === 'waiting') {
    ledger.slots.settle(run.id, ledger.attempts.ofRun(run.id).length > 0 ? 'admitted' : 'canceled');
  }
}

function seenBy(run: Run, report: ExitReport): Omit<Move, 'event'> {
  return {
    exit: { code: report.code, signal: report.signal },
    cpuMs: report.cpuMs,
    peakMemoryBytes: report.peakMemoryBytes,
    // What held when it began, whatever the host holds by now.
    enforcement: run.enforcement ?? report.enforcement,
  };
}
