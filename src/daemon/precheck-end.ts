// Carries out what a pre-check that has ended said: the run goes on, has nothing to do, or its pre-check is broken.

import { reason } from '../core/admission/reasons.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { ExitReport } from '../ports/execution-host.ts';
import { keepFindings } from './findings.ts';
import type { House } from './house.ts';
import { precheckAnswer } from './precheck.ts';
import type { PrecheckAnswer } from './precheck.ts';
import type { Note } from './recorder.ts';
import type { RunEnd } from './run-end.ts';

/** How the pre-check of a run ended. */
export interface EndedPrecheck {
  readonly report: ExitReport;
  readonly outcome: Outcome;
  /** Start of its output. */
  readonly output: string;
}

/** Ends pre-checks, inside the transaction that ends their attempt. */
export class PrecheckEnd {
  private readonly house: Pick<House, 'ledger' | 'fleet'>;
  private readonly runs: RunEnd;

  constructor(house: PrecheckEnd['house'], runs: RunEnd) {
    this.house = house;
    this.runs = runs;
  }

  /** `run` as it goes on to its main attempt, or null: it has ended or waits again. */
  finish(run: Run, end: EndedPrecheck, note: Note): Run | null {
    const { ledger, fleet } = this.house;
    const agent = fleet.agent(run.agent);
    if (end.outcome.kind === 'lost') {
      this.runs.putBack(run, 'its pre-check was lost', note);
      return null;
    }
    if (agent === null || end.outcome.kind === 'canceled') {
      const removed = { kind: 'canceled', by: 'removed', reason: 'the agent was removed' } as const;
      this.runs.close(run, { outcome: agent === null ? removed : end.outcome }, note);
      return null;
    }
    const ranWell = end.report.stop === null && end.report.signal === null && end.report.didNotStart === null;
    const lastSeen = ledger.states.get('schedule', run.agent) as string | null;
    const answer = ranWell
      ? precheckAnswer(agent, { code: end.report.code, output: end.output }, lastSeen)
      : ({ kind: 'broken', text: 'reason' in end.outcome ? end.outcome.reason : 'the pre-check was stopped' } as const);
    return this.answer(run, answer, note);
  }

  /** The same once it is known what the pre-check says. */
  answer(run: Run, answer: PrecheckAnswer, note: Note): Run | null {
    const { ledger } = this.house;
    switch (answer.kind) {
      case 'go':
        if (answer.seen !== null) {
          ledger.states.set('meta', `seen ${run.id}`, answer.seen);
        }
        keepFindings(ledger, run, answer.findings);
        return ledger.runs.get(run.id);
      case 'nothing':
        this.runs.refuse(run, [reason('precheck.nothing_to_do', answer.text)], note);
        return null;
      case 'broken':
      case 'unreachable': {
        const failureClass = answer.kind === 'broken' ? 'precheck' : 'network';
        this.runs.close(run, { outcome: { kind: 'failed', class: failureClass, reason: answer.text } }, note);
        return null;
      }
    }
  }
}
