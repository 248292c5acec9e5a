// Carries out what came of the steps around a main attempt: a pre-check's answer, a workspace that was made, or was not.

import { reason } from '../core/admission/reasons.ts';
import type { FailureClass, Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import { NOT_NOW } from '../core/workspace/script.ts';
import type { ExitReport } from '../ports/execution-host.ts';
import { keepFindings } from './findings.ts';
import type { House } from './house.ts';
import { precheckAnswer } from './precheck.ts';
import type { PrecheckAnswer, Step } from './precheck.ts';
import type { Note } from './recorder.ts';
import type { RunEnd } from './run-end.ts';
import { keepSeen } from './seen.ts';
import { subject } from './subject.ts';
import { endTidying } from './tidy-end.ts';

/** As much of what git said as an outcome tells. */
const SAID_CHARACTERS = 300;

/** How a step ended. */
export interface EndedStep {
  readonly purpose: Step['purpose'];
  readonly report: ExitReport;
  readonly outcome: Outcome;
  /** Start of its output. */
  readonly output: string;
}

/** Ends steps, inside the transaction that ends their attempt. */
export class StepEnd {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #runs: RunEnd;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, runs: RunEnd) {
    this.#house = house;
    this.#runs = runs;
  }

  /** `run` as it goes on to its main attempt, or null: it has ended or waits again. */
  finish(run: Run, end: EndedStep, note: Note): Run | null {
    const { ledger, fleet } = this.#house;
    if (end.purpose === 'tidy') {
      endTidying(this.#house, { run, outcome: end.outcome, code: end.report.code, output: end.output }, note);
      return null;
    }
    const agent = fleet.agent(run.agent);
    if (end.outcome.kind === 'lost') {
      this.#runs.putBack(run, `its ${end.purpose === 'precheck' ? 'pre-check' : 'workspace'} was lost`, note);
      return null;
    }
    if (agent === null || end.outcome.kind === 'canceled') {
      const removed = { kind: 'canceled', by: 'removed', reason: 'the agent was removed' } as const;
      this.#runs.close(run, { outcome: agent === null ? removed : end.outcome }, note);
      return null;
    }
    const ranWell = end.report.stop === null && end.report.signal === null && end.report.didNotStart === null;
    if (end.purpose === 'workspace') {
      return this.#made(run, { ...end, code: ranWell ? end.report.code : null }, note);
    }
    const lastSeen = ledger.states.get('schedule', run.agent) as string | null;
    const answer = ranWell
      ? precheckAnswer(agent, { code: end.report.code, output: end.output }, lastSeen)
      : ({ kind: 'broken', text: 'reason' in end.outcome ? end.outcome.reason : 'the pre-check was stopped' } as const);
    return this.answer(run, answer, note);
  }

  #made(
    run: Run,
    end: { readonly code: number | null; readonly outcome: Outcome; readonly output: string },
    note: Note,
  ): Run | null {
    const { workspaces, runs } = this.#house.ledger;
    const workspace = workspaces.get(run.id);
    if (end.code === 0 && workspace !== null) {
      workspaces.update(run.id, { state: 'ready' });
      note({ kind: 'workspace.ready', ...subject(run), path: workspace.path, branch: workspace.branch });
      return runs.get(run.id);
    }
    const said = end.output.trim().slice(-SAID_CHARACTERS);
    const why = end.code === null && 'reason' in end.outcome ? end.outcome.reason : said;
    const reason = `its workspace could not be made: ${why === '' ? `exit ${end.code ?? 'unknown'}` : why}`;
    this.#runs.close(run, { outcome: { kind: 'failed', class: classOfNoWorkspace(end), reason } }, note);
    return null;
  }

  /** The same once it is known what the pre-check says. */
  answer(run: Run, answer: PrecheckAnswer, note: Note): Run | null {
    const { ledger } = this.#house;
    switch (answer.kind) {
      case 'go':
        if (answer.seen !== null) {
          keepSeen(ledger, run, answer.seen);
        }
        keepFindings(ledger, run, answer.findings);
        return ledger.runs.get(run.id);
      case 'nothing':
        this.#runs.object(run, { kind: 'refuse', reasons: [reason('precheck.nothing_to_do', answer.text)] }, note);
        return null;
      case 'broken':
      case 'unreachable': {
        const failureClass = answer.kind === 'broken' ? 'precheck' : 'network';
        this.#runs.close(run, { outcome: { kind: 'failed', class: failureClass, reason: answer.text } }, note);
        return null;
      }
    }
  }
}

/** What failed by itself keeps its class (out of memory, never started); what git said is network or the set-up. */
function classOfNoWorkspace(end: { readonly code: number | null; readonly outcome: Outcome }): FailureClass {
  if (end.code === null && end.outcome.kind === 'failed') {
    return end.outcome.class;
  }
  return end.code === NOT_NOW ? 'network' : 'setup';
}
