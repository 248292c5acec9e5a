// What follows from an ended run, stored in the transaction that ended it.

import { isCounted } from '../core/breaker/policy.ts';
import { countsForBreaker, endingOf, treatmentOf } from '../core/run/failure-class.ts';
import type { FailedRun } from '../core/breaker/failure-count.ts';
import type { BreakerEvent } from '../core/breaker/event.ts';
import type { ProjectId } from '../core/ids.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import type { Breakers } from './breakers.ts';
import { evidenceOf } from './evidence.ts';
import type { House } from './house.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note } from './recorder.ts';
import type { StandingWishes } from './standing-wishes.ts';

/** What reacts to an ending. */
export interface ReactorParts {
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly wishes: StandingWishes;
}

/** Plans reactions. */
export class Reactor {
  readonly #house: Pick<House, 'fleet' | 'clock' | 'ledger'>;
  readonly #parts: ReactorParts;

  constructor(house: Pick<House, 'fleet' | 'clock' | 'ledger'>, parts: ReactorParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Inside the transaction that ends `run` with `outcome`. */
  react(run: Run, outcome: Outcome, write: Note): void {
    // What the end sets in motion is told with the run that did it, so that `adf show` can say so.
    const note: Note = (fact) => write({ run: run.id, ...fact });
    const evidence = evidenceOf(this.#house, run, outcome);
    const project = this.#countingProject(run);
    if (project !== null) {
      this.#tell(project, eventOf(evidence), note);
      if (run.trigger.kind === 'probe') {
        const { incident, number } = run.trigger;
        this.#tell(project, { kind: 'probe_ended', incident, number }, note);
      }
    }
    if (run.trigger.kind === 'safety') {
      this.#parts.wishes.ended(run, evidence, note);
    } else {
      this.#parts.quarantines.ended(evidence, project !== null && countsForBreaker(outcome), note);
    }
  }

  /** Inside the transaction that ends an attempt of `run` which is tried again: the breaker counts runs, its escalations attempts. */
  retried(run: Run, outcome: Outcome, note: Note): void {
    const project = this.#countingProject(run);
    if (project !== null && !countsForBreaker(outcome)) {
      this.#tell(project, eventOf(evidenceOf(this.#house, run, outcome)), note);
    }
  }

  #tell(project: ProjectId, event: BreakerEvent | null, note: Note): void {
    if (event !== null) {
      this.#parts.breakers.apply(project, event, note);
    }
  }

  /** The project whose breaker counts the agent of `run`, or null. */
  #countingProject(run: Run): ProjectId | null {
    const agent = this.#house.fleet.agent(run.agent);
    const project = this.#house.fleet.project(run.project);
    return agent !== null && project !== null && isCounted(agent, project.breaker) ? project.id : null;
  }
}

function eventOf(evidence: FailedRun): BreakerEvent | null {
  const { run, agent, outcome } = evidence;
  if (outcome.kind === 'succeeded') {
    return { kind: 'counted_success', run, agent };
  }
  if (countsForBreaker(outcome)) {
    return { kind: 'counted_failure', failure: evidence };
  }
  return treatmentOf(endingOf(outcome)).owner === 'nobody' ? null : { kind: 'uncounted_end', attempt: evidence };
}
