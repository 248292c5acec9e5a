// Keeps one request open for each Safety agent: it is always wanted, so after every end it is asked for again.

import type { AgentDefinition } from '../core/fleet.ts';
import { wantedReplicas } from '../core/reconcile/desired.ts';
import type { Run } from '../core/run/run.ts';
import type { FailedRun } from '../core/breaker/failure-count.ts';
import { RESTART_STABLE_MS, readRestarts, restartAfter } from '../core/quarantine/restart.ts';
import { canceled } from '../core/supervise/canceled.ts';
import { endRun } from './end-run.ts';
import type { House } from './house.ts';
import type { Intake } from './intake.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note } from './recorder.ts';

type Needs = Pick<House, 'ledger' | 'fleet' | 'clock' | 'chance'>;

/** Standing wishes of Safety agents. */
export class StandingWishes {
  readonly #house: Needs;
  readonly #intake: Intake;
  readonly #quarantines: Quarantines;
  readonly #node: string;

  constructor(
    house: Needs,
    parts: { readonly intake: Intake; readonly quarantines: Quarantines; readonly node: string },
  ) {
    this.#house = house;
    this.#intake = parts.intake;
    this.#quarantines = parts.quarantines;
    this.#node = parts.node;
  }

  /** Every enabled Safety agent has an open request; requests of agents that are gone or switched off end. */
  ensure(note: Note): void {
    const { ledger, fleet } = this.#house;
    const open = new Set([...ledger.runs.waiting(), ...ledger.runs.live()].map(replicaOf));
    for (const agent of fleet.now.agents) {
      for (let replica = 0; replica < this.wanted(agent); replica += 1) {
        if (!open.has(`${agent.key}#${replica}`)) {
          this.wish(agent, { replica, notBefore: this.#house.clock.now() }, note);
        }
      }
    }
    for (const run of ledger.runs.waiting()) {
      const agent = fleet.agent(run.agent);
      if (run.trigger.kind === 'safety' && (agent === null || run.trigger.replica >= this.wanted(agent))) {
        this.#withdraw(run, note);
      }
    }
  }

  /** A Safety run has ended: the next one is wished for after a wait that grows, or the agent is held. */
  ended(run: Run, evidence: FailedRun, note: Note): void {
    const { ledger, fleet, clock, chance } = this.#house;
    const agent = fleet.agent(run.agent);
    const replica = run.trigger.kind === 'safety' ? run.trigger.replica : 0;
    if (agent === null || replica >= this.wanted(agent)) {
      return;
    }
    const now = clock.now();
    const { outcome, tookMs } = evidence;
    if (outcome.kind === 'canceled' && outcome.by === 'redefined') {
      // We ended it for the sake of the next one, which says nothing about how it ends.
      this.wish(agent, { replica, notBefore: now }, note);
      return;
    }
    const before = readRestarts(ledger.states.get('restart', run.agent));
    const next = restartAfter(before, { outcome, ranMs: tookMs, now, chance: chance.random() });
    ledger.states.set('restart', run.agent, next.state);
    if (next.kind === 'quarantine') {
      this.#quarantines.hold(run.agent, { reason: next.reason, failure: evidence }, note);
    } else if (tookMs >= RESTART_STABLE_MS) {
      // An agent that is always on has no better way to succeed than to stay up.
      this.#quarantines.apply(run.agent, { kind: 'success', run: run.id }, note);
    }
    this.wish(agent, { replica, notBefore: next.kind === 'restart' ? next.at : now }, note);
  }

  /** How many runs of `agent` are always wanted on this machine. */
  wanted(agent: AgentDefinition): number {
    return wantedReplicas(agent, this.#node);
  }

  /** Asks for one replica, in the caller's transaction; admission decides. */
  wish(agent: AgentDefinition, what: { readonly replica: number; readonly notBefore: number }, note: Note): void {
    const { replica, notBefore } = what;
    this.#intake.accept({ agent, trigger: { kind: 'safety', replica }, key: null, input: {}, notBefore }, note);
  }

  #withdraw(run: Run, note: Note): void {
    endRun(this.#house, { run, outcome: canceled({ kind: 'removed' }) }, note);
  }
}

/** The replica that a run of a Safety agent is. */
function replicaOf(run: Run): string {
  return run.trigger.kind === 'safety' ? `${run.agent}#${run.trigger.replica}` : '';
}
