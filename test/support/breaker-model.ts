// A small world around one breaker (flag file, outbox, probes, issues), with an oracle that knows nothing of its states.

import { isDeepStrictEqual } from 'node:util';
import { breakerStand, transition } from '../../src/core/breaker/breaker.ts';
import { outboxPlace } from '../../src/core/breaker/effect.ts';
import type { BreakerEvent, Effect, IssueEffect } from '../../src/core/breaker/event.ts';
import { flagEvent, wantsFlag } from '../../src/core/breaker/flag-change.ts';
import { NEW_BREAKER, readBreaker } from '../../src/core/breaker/state.ts';
import type { BreakerState } from '../../src/core/breaker/state.ts';
import type { BreakerRule } from '../../src/core/fleet.ts';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import { countsForBreaker } from '../../src/core/run/failure-class.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import type { FlagStat } from '../../src/core/pause/flag.ts';
import { FLAG_PATH, META, OTHER_META, SANDBOX, evidenceOf } from './breaker-world.ts';

type FlagEffect = Extract<Effect, { kind: 'write_flag' | 'remove_flag' }>;
type Probe = Extract<Effect, { kind: 'start_probe' }>;

interface Running {
  readonly agent: AgentKey;
  readonly probe: Probe | null;
}

/** What a test asks of the world; `which` chooses among what is there. */
export type Step =
  | PlainStep
  | { readonly do: 'dispatch' | 'end_well' | 'end_badly' | 'end_uncounted'; readonly which: number }
  | { readonly do: 'pass' | 'step_clock'; readonly ms: number };

/** A step that needs no more words. */
export interface PlainStep {
  readonly do:
    | 'touch'
    | 'remove'
    | 'restart'
    | 'tick'
    | 'look'
    | 'refuse_probe'
    | 'move_dir'
    | 'flag_work'
    | 'flag_answer'
    | 'flag_crash'
    | 'flag_refused'
    | 'issue_work'
    | 'resume'
    | 'reset'
    | 'isolate'
    | 'trip';
}

/** The world. Every promise that breaks throws with what happened. */
export class BreakerModel {
  state: BreakerState = NEW_BREAKER;
  starts = 0;
  trips = 0;
  readonly #rule: BreakerRule;
  #now = 1_763_721_045_000;
  #ids = 0;
  #dir = 0;
  #file: { readonly mtimeNs: string; readonly text: string } | null = null;
  readonly #outbox: FlagEffect[] = [];
  /** The work of the first row was done, its answer is not recorded yet. */
  #answer: BreakerEvent | 'nothing' | null = null;
  readonly #calls: IssueEffect[] = [];
  readonly #keys = new Set<string>();
  /** Issues by fingerprint and incident: open or not. */
  readonly #issues = new Map<string, boolean>();
  #waiting: Probe[] = [];
  readonly #running: Running[] = [];
  /** Tripped, and neither lifted nor well again since. */
  #held = false;
  #isolated = false;

  constructor(rule: BreakerRule) {
    this.#rule = rule;
  }

  take(step: Step): void {
    this.#carryOut(step);
    this.#mustHold();
  }

  /** Carries out everything that waits, as a quiet minute would. */
  settle(): void {
    this.#look();
    for (let round = 0; round < 100 && (this.#outbox.length > 0 || this.#calls.length > 0); round += 1) {
      this.#carryOut({ do: 'flag_work' });
      this.#carryOut({ do: 'flag_answer' });
      this.#carryOut({ do: 'issue_work' });
      this.#look();
      this.#mustHold();
    }
    this.#demand(
      this.#outbox.length === 0 && this.#calls.length === 0,
      'everything that waits is done within 100 rounds',
    );
    const ours = /^incident/m.test(this.#file?.text ?? '');
    const mark = this.state.kind === 'open' ? this.state.flag : this.state.mark;
    this.#demand(this.state.kind !== 'open' || mark.kind === 'written', 'an open breaker has its flag in the end');
    this.#demand(
      !ours || mark.kind === 'written' || mark.kind === 'person',
      'no flag of ours is left that nobody knows',
    );
    for (const [key, open] of this.#issues) {
      const wanted =
        this.state.kind !== 'closed' && this.state.incident !== null && key.endsWith(` ${this.state.incident.id}`);
      this.#demand(
        !key.startsWith('breaker:') || open === wanted,
        `issue ${key} is open exactly while its incident goes on`,
      );
    }
  }

  #carryOut(step: Step): void {
    switch (step.do) {
      case 'dispatch':
        return this.#dispatch(step.which);
      case 'end_well':
        return this.#end(step.which, { kind: 'succeeded' });
      case 'end_badly':
        return this.#end(step.which, { kind: 'failed', class: 'agent_failure', reason: 'exit 1' });
      case 'end_uncounted':
        return this.#end(step.which, { kind: 'failed', class: 'auth', reason: 'not logged in' });
      case 'touch':
        this.#file = { mtimeNs: String(this.#nextId()), text: this.#file?.text ?? '' };
        return;
      case 'remove':
        this.#held &&= this.#file === null;
        this.#file = null;
        return;
      case 'restart':
        this.#answer = null;
        return;
      case 'tick':
        return this.#tick();
      case 'look':
        return this.#look();
      case 'refuse_probe':
        return this.#refuseProbes();
      case 'move_dir':
        this.#held &&= this.state.kind === 'open';
        this.#dir += 1;
        this.#file = null;
        return this.#tell({ kind: 'pause_dir_moved' });
      case 'flag_work':
        return this.#flagWork();
      case 'flag_answer':
        return this.#flagAnswer();
      case 'flag_crash':
        this.#answer = null;
        return;
      case 'flag_refused':
        return this.#flagRefused();
      case 'issue_work':
        return this.#issueWork();
      case 'resume':
        this.#held = false;
        this.#file = null;
        return this.#tell({ kind: 'resumed', by: 'alice' });
      case 'reset':
        this.#held = false;
        this.#isolated = false;
        return this.#tell({ kind: 'reset', by: 'alice', reason: 'fixed' });
      case 'isolate':
        this.#isolated = true;
        return this.#tell({ kind: 'isolate', by: 'alice', reason: 'audit' });
      case 'trip':
        return this.#tell({ kind: 'trip', by: 'alice', reason: 'migration' });
      case 'pass':
        this.#now += step.ms;
        return;
      case 'step_clock':
        this.#now += step.ms;
        return this.#tell({ kind: 'clock_stepped', byMs: step.ms });
    }
  }

  #tell(event: BreakerEvent): void {
    const freshIncident = `i${this.#nextId()}`;
    const context = { project: SANDBOX, now: this.#now, rule: this.#rule, freshIncident, configHash: 'c' };
    const { state, effects } = transition(this.state, event, context);
    const stored = readBreaker(JSON.parse(JSON.stringify(state)));
    this.#demand(isDeepStrictEqual(stored, state), 'a state is the same after it was stored');
    this.state = stored;
    for (const effect of effects) {
      this.#store(effect, event);
    }
  }

  #store(effect: Effect, event: BreakerEvent): void {
    const key = outboxPlace(SANDBOX, effect)?.naturalKey;
    if (key !== undefined) {
      this.#demand(!this.#keys.has(key), `wish ${key} is stored once`);
      this.#keys.add(key);
    }
    switch (effect.kind) {
      case 'fact':
        if (effect.fact.kind === 'breaker.opened') {
          this.#demand(effect.fact.reason !== '' && effect.fact.class !== '', 'a trip has a reason');
          this.#demand(event.kind === 'trip' || !this.#held, 'no second trip without a success or a removal between');
          this.#held = true;
          this.trips += 1;
        }
        return;
      case 'write_flag':
      case 'remove_flag':
        if (event.kind === 'auto_resume') {
          this.#held = false;
        }
        this.#outbox.push(effect);
        return;
      case 'start_probe':
        this.#waiting.push(effect);
        return;
      case 'cancel_probe':
        this.#waiting = this.#waiting.filter(
          (probe) => probe.number !== effect.number || probe.incident !== effect.incident,
        );
        return;
      case 'open_issue':
      case 'comment':
      case 'reopen_issue':
      case 'close_issue':
        this.#calls.push(effect);
    }
  }

  #dispatch(which: number): void {
    this.#look();
    const probe = which % 2 === 0 ? (this.#waiting[0] ?? null) : null;
    const stand = breakerStand(this.state);
    const refused = this.#file !== null || stand.kind === 'open' || stand.kind === 'isolated';
    if (refused) {
      this.#demand(this.#file !== null || ('text' in stand && stand.text !== ''), 'a refusal has a reason');
      return this.#refuseProbes();
    }
    if (stand.kind === 'probing' && probe === null) {
      return;
    }
    this.#demand(!this.#held && !this.#isolated, 'nothing of a held project is dispatched');
    this.#waiting = this.#waiting.filter((other) => other !== probe);
    this.#running.push({ agent: probe?.agent ?? (which % 3 === 0 ? OTHER_META : META), probe });
    this.starts += 1;
  }

  #end(which: number, outcome: Outcome): void {
    const run = this.#running[which % Math.max(1, this.#running.length)];
    if (run === undefined) {
      return;
    }
    this.#running.splice(this.#running.indexOf(run), 1);
    const evidence = evidenceOf({ run: `r${this.#nextId()}` as RunId, agent: run.agent, outcome, endedAt: this.#now });
    if (outcome.kind === 'succeeded') {
      this.#tell({ kind: 'counted_success', run: evidence.run, agent: run.agent });
      // While it is open a success resets the count and leaves the flag; two trips then have a success between them.
      this.#held &&= this.state.kind === 'open' || this.state.kind === 'isolated';
    } else if (countsForBreaker(outcome)) {
      this.#tell({ kind: 'counted_failure', failure: evidence });
    } else {
      this.#tell({ kind: 'uncounted_end', attempt: evidence });
      if (run.probe !== null) {
        this.#tell({ kind: 'probe_ended', incident: run.probe.incident, number: run.probe.number });
      }
    }
  }

  #refuseProbes(): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const probe of refused) {
      this.#tell({ kind: 'probe_ended', incident: probe.incident, number: probe.number });
    }
  }

  #tick(): void {
    this.#look();
    this.#tell({ kind: 'auto_resume' });
    this.#tell({
      kind: 'probe_due',
      paused: this.#file !== null,
      countedRunning: this.#running.length > 0,
      nextCountedAt: null,
      candidates: [META, OTHER_META],
    });
  }

  #look(): void {
    const event = flagEvent(this.state, this.#stat());
    if (event !== null) {
      this.#tell(event);
    }
    this.#demand(flagEvent(this.state, this.#stat()) === null, 'a second look shows nothing new');
  }

  #stat(): FlagStat {
    return this.#file === null ? { kind: 'absent' } : { kind: 'present', path: this.#path(), ...this.#file };
  }

  #path(): string {
    return `${FLAG_PATH}${this.#dir}`;
  }

  /** Does what the first row asks for, as the adapter does; the answer may still get lost. */
  #flagWork(): void {
    const [row] = this.#outbox;
    if (row === undefined || this.#answer !== null) {
      return;
    }
    this.#answer = row.kind === 'write_flag' ? this.#write(row) : this.#unlink(row);
  }

  #write(row: Extract<FlagEffect, { kind: 'write_flag' }>): BreakerEvent | 'nothing' {
    if (!wantsFlag(this.state, row)) {
      return 'nothing';
    }
    const mine = { mtimeNs: `${row.stampAt}000000`, text: `incident   ${row.incident}\n` };
    this.#file ??= mine;
    return isDeepStrictEqual(this.#file, mine)
      ? { kind: 'flag_written', incident: row.incident, writes: row.writes, path: this.#path(), mtimeNs: mine.mtimeNs }
      : { kind: 'flag_foreign', incident: row.incident, writes: row.writes };
  }

  #unlink(row: Extract<FlagEffect, { kind: 'remove_flag' }>): BreakerEvent | 'nothing' {
    const wanted = { mtimeNs: row.mtimeNs, text: `incident   ${row.incident}\n` };
    if (this.#file !== null && !isDeepStrictEqual(this.#file, wanted)) {
      return 'nothing';
    }
    this.#file = null;
    return { kind: 'flag_removed' };
  }

  #flagAnswer(): void {
    const answer = this.#answer;
    if (answer === null) {
      return;
    }
    this.#answer = null;
    this.#outbox.shift();
    if (answer !== 'nothing') {
      this.#tell(answer);
    }
  }

  #flagRefused(): void {
    const [row] = this.#outbox;
    if (row?.kind === 'write_flag' && this.#answer === null && wantsFlag(this.state, row)) {
      this.#tell({ kind: 'flag_failed', incident: row.incident, error: 'EACCES' });
    }
  }

  #issueWork(): void {
    const call = this.#calls.shift();
    if (call === undefined) {
      return;
    }
    const key = `${call.fingerprint} ${call.incident}`;
    this.#demand((call.kind === 'open_issue') !== this.#issues.has(key), `${call.kind} of ${key} finds what it needs`);
    this.#demand(call.note.kind.length > 0, 'a call has something to say');
    if (call.kind !== 'comment') {
      this.#issues.set(key, call.kind !== 'close_issue');
    }
  }

  #mustHold(): void {
    this.#demand(this.#waiting.length <= 1, 'there is at most one waiting probe');
    const stand = breakerStand(this.state);
    this.#demand(!('text' in stand) || stand.text !== '', 'whatever holds says why');
    this.#demand(!this.#isolated || this.state.kind === 'isolated', 'isolated stays isolated until a reset');
  }

  #demand(holds: boolean, promise: string): void {
    if (!holds) {
      throw new Error(`broken: ${promise} (state ${JSON.stringify(this.state)}, file ${JSON.stringify(this.#file)})`);
    }
  }

  #nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}
