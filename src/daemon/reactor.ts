// What follows from an ended run, stored in the transaction that ended it.

import { isCounted } from '../core/breaker/policy.ts';
import type { CountedFailure } from '../core/breaker/failure-count.ts';
import { countsForBreaker, endingOf, treatmentOf } from '../core/run/failure-class.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note } from './recorder.ts';
import type { StandingWishes } from './standing-wishes.ts';

/** Longest last line kept as evidence. */
const LAST_LINE_CHARS = 300;

/** What reacts to an ending. */
export interface ReactorParts {
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly wishes: StandingWishes;
}

/** Plans reactions. */
export class Reactor {
  private readonly house: Pick<House, 'fleet' | 'clock' | 'ledger'>;
  private readonly parts: ReactorParts;

  constructor(house: Reactor['house'], parts: ReactorParts) {
    this.house = house;
    this.parts = parts;
  }

  /** Inside the transaction that ends `run` with `outcome`. */
  react(run: Run, outcome: Outcome, note: Note): void {
    const counted = this.tellBreaker(run, outcome, note);
    this.parts.quarantines.ended(run, outcome, { counted, note });
    if (run.trigger.kind === 'safety') {
      this.parts.wishes.ended(run, outcome, note);
    }
  }

  /** True when the project's breaker answers for this ending. */
  private tellBreaker(run: Run, outcome: Outcome, note: Note): boolean {
    const { breakers } = this.parts;
    const agent = this.house.fleet.agent(run.agent);
    const project = this.house.fleet.project(run.project);
    if (agent === null || project === null || !isCounted(agent, project.breaker)) {
      return false;
    }
    const failed = countsForBreaker(outcome);
    if (outcome.kind === 'succeeded') {
      breakers.apply(project.id, { kind: 'counted_success', run: run.id, agent: run.agent }, note);
    } else if (failed) {
      breakers.apply(project.id, { kind: 'counted_failure', failure: this.evidence(run, outcome) }, note);
    } else if (treatmentOf(endingOf(outcome)).owner !== 'nobody') {
      breakers.apply(
        project.id,
        { kind: 'uncounted_end', run: run.id, agent: run.agent, class: endingOf(outcome), lastLine: reasonOf(outcome) },
        note,
      );
    }
    if (run.trigger.kind === 'probe' && outcome.kind !== 'succeeded' && !failed) {
      breakers.apply(
        project.id,
        { kind: 'probe_ended', incident: run.trigger.incident, number: run.trigger.number },
        note,
      );
    }
    return failed;
  }

  private evidence(run: Run, outcome: Outcome): CountedFailure {
    const ended = this.house.ledger.runs.get(run.id);
    const exit = ended?.exit ?? null;
    return {
      run: run.id,
      agent: run.agent,
      class: endingOf(outcome),
      how: exit === null ? outcome.kind : exit.signal === null ? `exit ${exit.code ?? 'unknown'}` : exit.signal,
      endedAt: ended?.endedAt ?? this.house.clock.now(),
      durationMs:
        ended?.startedAt === null || ended?.startedAt === undefined || ended.endedAt === null
          ? null
          : ended.endedAt - ended.startedAt,
      lastLine: reasonOf(outcome),
      configHash: this.house.fleet.now.hash,
    };
  }
}

function reasonOf(outcome: Outcome): string | null {
  return 'reason' in outcome ? outcome.reason.slice(0, LAST_LINE_CHARS) : null;
}
