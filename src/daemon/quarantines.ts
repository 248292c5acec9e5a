// Keeps the quarantine of each agent: applies what happens to it and stores what it asks for, in the caller's transaction.

import { issuePlace } from '../core/breaker/effect.ts';
import type { FailedRun } from '../core/breaker/failure-count.ts';
import type { AgentKey } from '../core/ids.ts';
import { isOwnFailure, quarantineAfter, quarantineStand, readQuarantine } from '../core/quarantine/quarantine.ts';
import type { Quarantine, QuarantineEvent } from '../core/quarantine/quarantine.ts';
import type { QuarantineReason } from '../core/quarantine/reason.ts';
import { NO_RESTARTS } from '../core/quarantine/restart.ts';
import type { House } from './house.ts';
import { incidentId } from './incident-id.ts';
import type { Note } from './recorder.ts';

/** Quarantines of all agents. */
export class Quarantines {
  readonly #house: Pick<House, 'ledger' | 'clock' | 'fleet' | 'chance'>;

  constructor(house: Pick<House, 'ledger' | 'clock' | 'fleet' | 'chance'>) {
    this.#house = house;
  }

  /** Why `agent` is held, or null. Throws OperationalError `quarantine.unreadable` for what a newer version wrote. */
  of(agent: AgentKey): { readonly reason: string; readonly until: number | null } | null {
    return quarantineStand(this.#state(agent));
  }

  /** The incident for which `agent` is held, or null. */
  heldFor(agent: AgentKey): string | null {
    const state = this.#state(agent);
    return state.kind === 'held' ? state.incident.id : null;
  }

  /** Holds the agent at once. */
  hold(agent: AgentKey, given: { readonly reason: QuarantineReason; readonly failure: FailedRun }, note: Note): void {
    this.apply(agent, { kind: 'hold', ...given }, note);
  }

  /** Ends a quarantine; false when there was none. The restart policy of a Safety agent begins anew with it. */
  release(agent: AgentKey, by: string, note: Note): boolean {
    if (this.of(agent) === null) {
      return false;
    }
    this.#house.ledger.states.set('restart', agent, NO_RESTARTS);
    this.apply(agent, { kind: 'release', by }, note);
    return true;
  }

  /** The agent is another program now: what was learned of the old one says nothing about it. */
  forget(agent: AgentKey, note: Note): void {
    this.#house.ledger.states.set('restart', agent, NO_RESTARTS);
    this.release(agent, 'agents.toml, which defines it anew', note);
  }

  /** A run has ended; `counted`: the project's breaker answers for it, so the agent does not. */
  ended(failure: FailedRun, counted: boolean, note: Note): void {
    const { agent, run, outcome } = failure;
    if (outcome.kind === 'succeeded') {
      this.apply(agent, { kind: 'success', run }, note);
    } else if (isOwnFailure(outcome, counted)) {
      this.apply(agent, { kind: 'failure', failure }, note);
    }
  }

  /** Applies `event`: state, fact and reactions are stored together. */
  apply(agent: AgentKey, event: QuarantineEvent, note: Note): void {
    const { ledger, clock, chance, fleet } = this.#house;
    const before = this.#state(agent);
    const context = {
      agent,
      now: clock.now(),
      freshIncident: incidentId(chance),
      configHash: fleet.now.hash,
    };
    const { state, effects } = quarantineAfter(before, event, context);
    if (state !== before) {
      ledger.states.set('quarantine', agent, state);
    }
    const project = fleet.agent(agent)?.project ?? null;
    for (const effect of effects) {
      if (effect.kind === 'fact') {
        note({ ...effect.fact, agent, ...(project === null ? {} : { project }) });
      } else {
        ledger.outbox.add({
          ...issuePlace(effect),
          effect: { ...effect, project, agent },
          createdAt: clock.now(),
        });
      }
    }
  }

  #state(agent: AgentKey): Quarantine {
    return readQuarantine(this.#house.ledger.states.get('quarantine', agent));
  }
}
