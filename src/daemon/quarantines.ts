// Keeps single agents that are held for their own repeated failures.

import type { AgentKey } from '../core/ids.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';

/** A held agent. */
interface Held {
  readonly reason: string;
  readonly since: number;
}

/** Quarantines of all agents. */
export class Quarantines {
  private readonly house: Pick<House, 'ledger' | 'clock' | 'fleet'>;

  constructor(house: Quarantines['house']) {
    this.house = house;
  }

  /** Why `agent` is held, or null. */
  of(agent: AgentKey): { readonly reason: string; readonly until: number | null } | null {
    const held = this.house.ledger.states.get('quarantine', agent) as Held | null;
    return held === null ? null : { reason: held.reason, until: null };
  }

  /** Holds the agent of `run`. */
  hold(run: Run, reason: string, note: Note): void {
    this.house.ledger.states.set('quarantine', run.agent, { reason, since: this.house.clock.now() });
    note({ kind: 'quarantine.opened', agent: run.agent, reason });
  }

  /** Ends a quarantine; false when there was none. */
  release(agent: AgentKey, by: string, note: Note): boolean {
    if (this.of(agent) === null) {
      return false;
    }
    this.house.ledger.states.remove('quarantine', agent);
    this.house.ledger.states.remove('restart', agent);
    note({ kind: 'quarantine.released', agent, reason: `released by ${by}` });
    return true;
  }

  /** A run has ended; `counted`: the project's breaker answers for it. */
  ended(_run: Run, _outcome: Outcome, _given: { readonly counted: boolean; readonly note: Note }): void {
    // Decided with core/quarantine.
  }
}
