// Ends, refuses and puts back runs with all that follows, inside the transaction of whoever found that out.

import type { Verdict } from '../core/admission/gate.ts';
import type { Run } from '../core/run/run.ts';
import { endRun, putBack, waitAgain } from './end-run.ts';
import type { EndOfRun } from './end-run.ts';
import type { House } from './house.ts';
import { keepFindings } from './findings.ts';
import type { Reactor } from './reactor.ts';
import type { Note } from './recorder.ts';
import { dropSeen } from './seen.ts';
import { subject } from './subject.ts';

/** The ways in which a run leaves its slot. */
export class RunEnd {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #reactor: Reactor;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, reactor: Reactor) {
    this.#house = house;
    this.#reactor = reactor;
  }

  /** `run` is over; what follows from that is stored with it. */
  close(run: Run, end: EndOfRun, note: Note): void {
    endRun(this.#house, { ...end, run }, note);
    this.#reactor.react(run, end.outcome, note);
  }

  /**
   * Gates that changed meanwhile object to a claimed or starting run. Refused, it is over, unless it is a standing wish; deferred, it
   * waits again: what could not be told at that moment is no answer.
   */
  object(run: Run, { kind, reasons }: Exclude<Verdict, { kind: 'admit' }>, note: Note): void {
    const { ledger, clock } = this.#house;
    if (kind === 'refuse' && run.trigger.kind !== 'safety') {
      endRun(this.#house, { run, outcome: { kind: 'refused', reasons } }, note);
      return;
    }
    // Its pre-check is asked anew when its time comes.
    keepFindings(ledger, run, null);
    dropSeen(ledger, run);
    waitAgain(ledger, run, { event: 'restore' });
    ledger.slots.settle(run.id, 'waiting');
    ledger.verdicts.note(run.id, kind === 'refuse' ? 'refused' : 'deferred', { reasons, now: clock.now() });
    note({ kind: 'run.deferred', ...subject(run), reasons });
  }

  /** `run` waits again, to be asked again. */
  putBack(run: Run, why: string, note: Note): void {
    putBack(this.#house.ledger, run, { why, note });
  }
}
