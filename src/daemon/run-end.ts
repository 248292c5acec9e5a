// Ends, refuses and puts back runs, inside the transaction of whoever found that out.

import type { Reason } from '../core/admission/reasons.ts';
import { runUsage } from '../core/budget/spend.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { ExitReport } from '../ports/execution-host.ts';
import { keepFindings } from './findings.ts';
import type { House } from './house.ts';
import type { Reactor } from './reactor.ts';
import type { Note } from './recorder.ts';
import { subject } from './subject.ts';

/** How a run ended. Without a report and a verdict nobody saw a process of it end. */
export interface EndOfRun {
  readonly outcome: Outcome;
  readonly report?: ExitReport;
  readonly verdict?: DriverVerdict | null;
}

/** The ways in which a run leaves its slot. */
export class RunEnd {
  private readonly house: Pick<House, 'clock' | 'ledger'>;
  private readonly reactor: Reactor;

  constructor(house: RunEnd['house'], reactor: Reactor) {
    this.house = house;
    this.reactor = reactor;
  }

  /** `run` is over; what follows from that is stored with it. */
  close(run: Run, end: EndOfRun, note: Note): void {
    const { ledger, clock } = this.house;
    const { outcome, report = null, verdict = null } = end;
    const endedAt = report?.endedAt ?? clock.now();
    const usage = run.attempts === 0 ? null : runUsage(ledger.spend.ofRun(run.id));
    ledger.runs.update(run.id, {
      state: 'ended',
      endedAt,
      outcome,
      ...(report === null
        ? {}
        : {
            exit: { code: report.code, signal: report.signal },
            cpuMs: report.cpuMs,
            peakMemoryBytes: report.peakMemoryBytes,
            enforcement: report.enforcement,
          }),
      ...(usage === null ? {} : { usage }),
    });
    keepFindings(ledger, run, null);
    const seen = ledger.states.get('meta', `seen ${run.id}`);
    if (seen !== null) {
      ledger.states.remove('meta', `seen ${run.id}`);
      if (outcome.kind === 'succeeded') {
        ledger.states.set('schedule', run.agent, seen);
      }
    }
    note({
      kind: 'run.ended',
      ...subject(run),
      outcome,
      durationMs: report?.durationMs ?? null,
      cpuMs: report?.cpuMs ?? null,
      peakMemoryBytes: report?.peakMemoryBytes ?? null,
      note: verdict?.evidence ?? null,
    });
    this.reactor.react(run, outcome, note);
  }

  /** A claimed or starting run is put back or refused by gates that changed meanwhile. */
  refuse(run: Run, reasons: readonly Reason[], note: Note): void {
    const { ledger, clock } = this.house;
    keepFindings(ledger, run, null);
    if (run.trigger.kind === 'safety') {
      ledger.runs.update(run.id, { state: 'waiting', memoryPromisedBytes: 0 });
      ledger.verdicts.note(run.id, 'refused', { reasons, now: clock.now() });
      note({ kind: 'run.deferred', ...subject(run), reasons });
      return;
    }
    ledger.verdicts.note(run.id, 'refused', { reasons, now: clock.now() });
    ledger.runs.update(run.id, { state: 'ended', endedAt: clock.now(), outcome: { kind: 'refused', reasons } });
    note({ kind: 'run.refused', ...subject(run), reasons });
  }

  /** `run` waits again, to be asked again. */
  putBack(run: Run, why: string, note: Note): void {
    const { ledger } = this.house;
    ledger.runs.update(run.id, { state: 'waiting', memoryPromisedBytes: 0 });
    ledger.slots.settle(run.id, 'waiting');
    note({ kind: 'run.restored', ...subject(run), reason: why });
  }
}
