// Keeps one request open for each Safety agent: it is always wanted, so after every end it is asked for again.

import type { AgentDefinition } from '../core/fleet.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { House } from './house.ts';
import type { Intake } from './intake.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note } from './recorder.ts';

type Needs = Pick<House, 'ledger' | 'fleet' | 'clock' | 'chance'>;

/** Standing wishes of Safety agents. */
export class StandingWishes {
  private readonly house: Needs;
  private readonly intake: Intake;
  private readonly quarantines: Quarantines;

  constructor(house: Needs, parts: { readonly intake: Intake; readonly quarantines: Quarantines }) {
    this.house = house;
    this.intake = parts.intake;
    this.quarantines = parts.quarantines;
  }

  /** Every enabled Safety agent has an open request; requests of agents that are gone or switched off end. */
  ensure(note: Note): void {
    const { ledger, fleet } = this.house;
    const open = new Set(
      [...ledger.runs.waiting(), ...ledger.runs.live()]
        .filter((run) => run.trigger.kind === 'safety')
        .map((run) => run.agent),
    );
    for (const agent of fleet.now.agents) {
      if (agent.layer === 'Safety' && agent.enabled && !open.has(agent.key)) {
        this.wish(agent, this.house.clock.now(), note);
      }
    }
    for (const run of ledger.runs.waiting()) {
      const agent = fleet.agent(run.agent);
      if (run.trigger.kind === 'safety' && (agent === null || !agent.enabled || agent.layer !== 'Safety')) {
        this.withdraw(run, note);
      }
    }
  }

  /** A Safety run has ended: the next one is wished for, after a backoff that grows while it keeps ending. */
  ended(run: Run, outcome: Outcome, note: Note): void {
    const { fleet, clock } = this.house;
    const agent = fleet.agent(run.agent);
    if (agent === null || agent.layer !== 'Safety' || !agent.enabled) {
      return;
    }
    this.wish(agent, clock.now() + 1000, note);
  }

  private wish(agent: AgentDefinition, notBefore: number, note: Note): void {
    this.intake.accept({ agent, trigger: { kind: 'safety', replica: 0 }, key: null, input: {}, notBefore }, note);
  }

  private withdraw(run: Run, note: Note): void {
    const { ledger, clock } = this.house;
    const outcome: Outcome = { kind: 'canceled', by: 'removed', reason: 'no longer wanted by agents.toml' };
    ledger.runs.update(run.id, { state: 'ended', endedAt: clock.now(), outcome });
    note({
      kind: 'run.ended',
      run: run.id,
      agent: run.agent,
      outcome,
      durationMs: null,
      cpuMs: null,
      peakMemoryBytes: null,
      note: null,
    });
  }
}
