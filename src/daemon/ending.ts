// The one place where attempts and runs end: every exit, refusal, failure to start and loss arrives here.

import type { Verdict } from '../core/admission/gate.ts';
import type { Reason } from '../core/admission/reasons.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { ExitReport, StartFailure } from '../ports/execution-host.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import { canceled, isWish } from '../core/supervise/canceled.ts';
import type { StopWish } from '../core/supervise/canceled.ts';
import { classify } from '../core/supervise/classify.ts';
import { subject } from './subject.ts';
import type { Budgets } from './budgets.ts';
import type { DeathGuard } from './death-guard.ts';
import type { Decays } from './decays.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import type { PrecheckAnswer } from './precheck.ts';
import type { Reactor } from './reactor.ts';
import type { Note, Recorder } from './recorder.ts';
import { RunEnd } from './run-end.ts';
import type { EndOfRun } from './end-run.ts';
import type { Sessions } from './sessions.ts';
import { nothingStarted } from './nothing-started.ts';
import { keepSpend } from './spending.ts';
import { StepEnd } from './step-end.ts';
import { endTidying } from './tidy-end.ts';
import { retryOf, tryAgain } from './try-again.ts';

/** A daemon may die again and again; a start that takes it along each time is not asked for without end. */
const MAX_LOST_STARTS = 10;

/** A step has no driver: its exit code is its answer, and only a stop or a failed start says otherwise. */
const ASKED = { outcome: 'succeeded', class: null, evidence: '' } as const;

/** What is known of an ended attempt beside the report. */
export interface LastWords {
  readonly verdict: DriverVerdict | null;
  /** The stream held the CLI's own terminal event. */
  readonly proved: boolean;
  /** Start of the output of a pre-check, or of what else is no main attempt. */
  readonly output: string;
}

/** What the ending needs beside the house. */
export interface EndingParts {
  readonly recorder: Recorder;
  readonly reactor: Reactor;
  readonly sessions: Sessions;
  readonly holds: Holds;
  readonly budgets: Budgets;
  readonly decays: Decays;
  readonly deaths: DeathGuard;
  readonly wake: () => void;
}

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'fleet' | 'chance' | 'driverFor' | 'files'>;

/** Ends attempts and runs. */
export class Ending {
  readonly #house: Needed;
  readonly #parts: EndingParts;
  readonly #runs: RunEnd;
  readonly #steps: StepEnd;

  constructor(house: Needed, parts: EndingParts) {
    this.#house = house;
    this.#parts = parts;
    this.#runs = new RunEnd(house, parts.reactor);
    this.#steps = new StepEnd(house, this.#runs);
  }

  /** Ends a run that has no open attempt. */
  async endRun(run: Run, outcome: Outcome): Promise<void> {
    await this.#parts.recorder.insist('daemon', (note) => {
      if (this.#house.ledger.runs.get(run.id)?.state !== 'ended') {
        this.#runs.close(run, { outcome }, note);
      }
    });
    this.#parts.wake();
  }

  /** `run` was not wanted any more before it had a process, or between two. */
  cancel(run: Run, wish: StopWish, note: Note): void {
    this.#runs.close(run, { outcome: canceled(wish) }, note);
  }

  /** Nothing was begun and nothing is wrong with the run: it waits again, to be asked again. */
  async putBack(run: Run, why: string): Promise<void> {
    await this.#parts.recorder.insist('daemon', (note) => {
      if (this.#house.ledger.runs.get(run.id)?.state !== 'ended') {
        this.#runs.putBack(run, why, note);
      }
    });
    this.#parts.wake();
  }

  /** The last look did not let `run` through: it ends as refused, or waits again where that was no answer yet. */
  async objectLate(run: Run, verdict: Exclude<Verdict, { kind: 'admit' }>): Promise<void> {
    await this.#parts.recorder.insist('daemon', (note) => {
      if (this.#house.ledger.runs.get(run.id)?.state !== 'ended') {
        this.#runs.object(run, verdict, note);
      }
    });
    this.#parts.wake();
  }

  /** A pre-check that no process answers has been asked. `run` as it goes on, or null: it has ended, or waits again. */
  async answerCheck(run: Run, answer: PrecheckAnswer): Promise<Run | null> {
    const goesOn = await this.#parts.recorder.insist('daemon', (note) => {
      const current = this.#house.ledger.runs.get(run.id);
      return current === null || current.state === 'ended' ? null : this.#steps.answer(current, answer, note);
    });
    this.#parts.wake();
    return goesOn;
  }

  /** The host saw a pause flag directly before the spawn. */
  async refuseAttempt(run: Run, attempt: Attempt, reasons: readonly Reason[]): Promise<void> {
    await this.#parts.recorder.insist('host', (note) => {
      this.#house.ledger.attempts.update(attempt.id, {
        state: 'ended',
        endedAt: this.#house.clock.now(),
        outcome: { kind: 'refused', reasons },
      });
      if (attempt.purpose === 'tidy') {
        endTidying(this.#house, { run, outcome: { kind: 'refused', reasons }, code: null, output: '' }, note);
      } else {
        this.#runs.object(run, { kind: 'refuse', reasons }, note);
      }
    });
    await this.#house.files.removeInputs(attempt.id);
    this.#parts.wake();
  }

  /** The host answered that nothing was started. */
  async neverStarted(attempt: Attempt, cause: StartFailure, message: string): Promise<void> {
    const report = nothingStarted(attempt.id, { cause, message }, this.#house.clock.now());
    await this.#parts.recorder.insist('host', (note) => {
      this.finish(report, { verdict: null, proved: false, output: '' }, note);
    });
    await this.#house.files.removeInputs(attempt.id);
    this.#parts.wake();
  }

  /** An attempt is gone without a report: nobody can say more of its end than `outcome`. */
  lose(attempt: Attempt, outcome: Outcome, note: Note): void {
    const { ledger, clock } = this.#house;
    const run = ledger.runs.get(attempt.run);
    const now = clock.now();
    ledger.attempts.update(attempt.id, { state: 'ended', endedAt: now, outcome });
    this.#parts.deaths.ended(outcome, note);
    if (run !== null) {
      note({
        kind: 'attempt.ended',
        ...subject(run),
        attempt: attempt.id,
        outcome,
        exit: { code: null, signal: null },
        durationMs: now - (attempt.startedAt ?? now),
        survivors: 0,
      });
      if (attempt.purpose !== 'tidy') {
        this.#runs.close(run, { outcome }, note);
      }
    }
  }

  /** Inside the caller's transaction: the attempt of `report` ends, and with it, or not, its run. Told twice is told once. */
  finish(report: ExitReport, words: LastWords, note: Note): { readonly goOn: Run | null } {
    const { ledger } = this.#house;
    const attempt = ledger.attempts.get(report.attemptId);
    const run = attempt === null ? null : ledger.runs.get(attempt.run);
    if (attempt === null || run === null || attempt.state === 'ended') {
      return { goOn: null };
    }
    const limits = attempt.limits as { readonly memoryBytes: number | null; readonly pids: number | null };
    const asked = attempt.purpose !== 'main' && !report.hostDied ? ASKED : words.verdict;
    // A wish that the host was not in time to carry out still ends the run: it does not go on, and is not tried again.
    const wish = report.stop === null && isWish(attempt.stop) ? attempt.stop : null;
    const seen = classify({
      hostDied: report.hostDied,
      didNotStart: report.didNotStart,
      stop: report.stop?.reason ?? null,
      kernel: report.kernel,
      limits,
      peakMemoryBytes: report.peakMemoryBytes,
      signal: report.signal,
      driver: asked,
      proved: words.proved,
    });
    const didWork = attempt.purpose === 'main' && report.didNotStart === null;
    const outcome = wish === null || didWork ? seen : canceled(wish);
    const exit = { code: report.code, signal: report.signal };
    ledger.attempts.update(attempt.id, {
      state: 'ended',
      startedAt: attempt.startedAt ?? report.startedAt,
      endedAt: report.endedAt,
      stop: report.stop?.reason ?? attempt.stop,
      outcome,
      exit,
      kernel: report.kernel,
      sessionId: words.verdict?.sessionId ?? attempt.sessionId,
      note: words.verdict?.evidence ?? report.didNotStart?.message ?? null,
    });
    note({
      kind: 'attempt.ended',
      ...subject(run),
      attempt: attempt.id,
      outcome,
      exit,
      durationMs: report.durationMs,
      survivors: report.survivors,
    });
    this.#parts.deaths.ended(outcome, note);
    if (attempt.purpose !== 'main') {
      const step = { purpose: attempt.purpose, report, outcome, output: words.output };
      return { goOn: this.#steps.finish(run, step, note) };
    }
    this.#finishMain({ run, attempt, report, outcome, wish, words, note });
    return { goOn: null };
  }

  #finishMain(ended: {
    readonly run: Run;
    readonly attempt: Attempt;
    readonly report: ExitReport;
    readonly outcome: Outcome;
    readonly wish: StopWish | null;
    readonly words: LastWords;
    readonly note: Note;
  }): void {
    const { ledger } = this.#house;
    const { run, attempt, report, outcome, wish, words, note } = ended;
    const waits = this.#parts.holds.ended({ run, attempt, outcome, verdict: words.verdict, note });
    const retry = waits ?? retryOf(this.#house, { run, outcome, attempt, verdict: words.verdict });
    const goesOn = retry !== null && wish === null;
    this.#keepAccounts({ run, attempt, report, verdict: words.verdict, goesOn, note });
    if (retry !== null && wish === null) {
      tryAgain({ ledger, reactor: this.#parts.reactor }, { run, outcome, note }, retry);
    } else {
      const last = retry !== null && wish !== null ? canceled(wish) : outcome;
      this.#end(run, { outcome: last, report, verdict: words.verdict }, note);
    }
  }

  #end(run: Run, end: EndOfRun & { readonly verdict: DriverVerdict | null }, note: Note): void {
    this.#runs.close(run, end, note);
    if (end.verdict !== null) {
      this.#parts.decays.ended(run, end.outcome, end.verdict);
    }
  }

  #keepAccounts(ended: {
    readonly run: Run;
    readonly attempt: Attempt;
    readonly report: ExitReport;
    readonly verdict: DriverVerdict | null;
    readonly goesOn: boolean;
    readonly note: Note;
  }): void {
    const { verdict } = ended;
    const agent = this.#house.fleet.agent(ended.run.agent);
    if (verdict === null) {
      return;
    }
    keepSpend(this.#house, { ...ended, agent, verdict });
    this.#parts.budgets.spent(ended.attempt, ended.run, ended.note);
    if (agent !== null) {
      this.#parts.sessions.keep({ ...ended, agent, verdict });
    }
  }

  /** A start that no host heard of before the daemon died is asked for again; so often lost, it is a failure of ours. */
  restart(attempt: Attempt, note: Note): void {
    const { ledger, clock } = this.#house;
    const run = ledger.runs.get(attempt.run);
    const outcome: Outcome = {
      kind: 'failed',
      class: 'did_not_start',
      reason: 'it had not been started when the daemon ended',
    };
    ledger.attempts.update(attempt.id, { state: 'ended', endedAt: clock.now(), outcome });
    if (run === null || attempt.purpose === 'tidy') {
      return;
    }
    if (isWish(attempt.stop)) {
      this.#runs.close(run, { outcome: canceled(attempt.stop) }, note);
    } else if (attempt.number >= MAX_LOST_STARTS && attempt.purpose === 'main') {
      this.#runs.close(run, { outcome }, note);
    } else {
      this.#runs.putBack(run, outcome.reason, note);
    }
  }
}
