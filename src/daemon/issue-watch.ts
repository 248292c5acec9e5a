// Looks now and then whether a person closed the issue of a pause that still holds, so that it can be said what that means.

import { breakerFingerprint } from '../core/breaker/effect.ts';
import type { Project } from '../core/fleet.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { knownIssue, placeOf } from './issue-links.ts';
import type { Recorder } from './recorder.ts';
import { Turns } from './turns.ts';

/** Nobody waits for this answer; open incidents are few. */
const LOOK_MS = 300_000;
/** A look at somebody who does not answer is not waited for at the end. */
const STOP_MS = 1000;

/** What the watch needs beside the house. */
export interface IssueWatchParts {
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** Looks at the issues of open breakers. */
export class IssueWatch {
  private readonly house: Pick<House, 'clock' | 'fleet' | 'ledger' | 'tracker'>;
  private readonly parts: IssueWatchParts;
  private readonly turns: Turns;

  constructor(house: IssueWatch['house'], parts: IssueWatchParts) {
    this.house = house;
    this.parts = parts;
    this.turns = new Turns(house.clock, async () => {
      await this.look().catch(parts.fail);
      return LOOK_MS;
    });
  }

  start(): void {
    this.turns.wake();
  }

  /** Resolves when no look is under way, or one takes too long. */
  async stop(): Promise<void> {
    await this.turns.stop(STOP_MS);
  }

  private async look(): Promise<void> {
    for (const project of this.house.fleet.now.projects) {
      await this.lookAt(project);
    }
  }

  private async lookAt(project: Project): Promise<void> {
    const { breakers, recorder, wake } = this.parts;
    const state = breakers.state(project.id);
    if (state.kind !== 'open') {
      return;
    }
    const name = { fingerprint: breakerFingerprint(project.id), incident: state.incident.id };
    const { place, where } = placeOf(this.house, project.id);
    const known = knownIssue(this.house, name);
    // While something is still to be said there, a closed issue may be one that a new trip is about to open again.
    if (known?.where !== where || this.isBusy(name.fingerprint)) {
      return;
    }
    const issue = await this.house.tracker.get(place, known.number);
    // A tracker that cannot be asked is asked again in five minutes; who cannot be reached is the outbox's to say.
    if (issue.kind === 'done' && issue.value.state === 'closed' && !this.isBusy(name.fingerprint)) {
      recorder.commit('outbox', (note) => {
        breakers.apply(project.id, { kind: 'issue_closed', incident: name.incident }, note);
      });
      wake();
    }
  }

  private isBusy(fingerprint: string): boolean {
    return this.house.ledger.outbox.list().some((row) => row.lane === fingerprint);
  }
}
