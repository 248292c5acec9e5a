// Looks now and then whether a person closed the issue of a pause or quarantine that still holds, so that it can be said what that means.

import { breakerFingerprint } from '../core/breaker/effect.ts';
import type { AgentKey, ProjectId } from '../core/ids.ts';
import { quarantineFingerprint } from '../core/quarantine/quarantine.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { knownIssue, placeOf } from './issue-links.ts';
import type { IncidentName } from './issue-links.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note, Recorder } from './recorder.ts';
import { Turns } from './turns.ts';

/** Nobody waits for this answer; open incidents are few. */
const LOOK_MS = 300_000;
/** A look at somebody who does not answer is not waited for at the end. */
const STOP_MS = 1000;

/** What the watch needs beside the house. */
export interface IssueWatchParts {
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

type TellClosed = (event: { readonly kind: 'issue_closed'; readonly incident: string }, note: Note) => void;

/** Looks at the issues of open breakers and held agents. */
export class IssueWatch {
  readonly #house: Pick<House, 'clock' | 'fleet' | 'ledger' | 'tracker'>;
  readonly #parts: IssueWatchParts;
  readonly #turns: Turns;

  constructor(house: Pick<House, 'clock' | 'fleet' | 'ledger' | 'tracker'>, parts: IssueWatchParts) {
    this.#house = house;
    this.#parts = parts;
    this.#turns = new Turns(house.clock, async () => {
      await this.#look().catch(parts.fail);
      return LOOK_MS;
    });
  }

  start(): void {
    this.#turns.wake();
  }

  /** Resolves when no look is under way, or one takes too long. */
  async stop(): Promise<void> {
    await this.#turns.stop(STOP_MS);
  }

  async #look(): Promise<void> {
    const { breakers, quarantines } = this.#parts;
    const { ledger, fleet } = this.#house;
    for (const { id } of fleet.now.projects) {
      const state = breakers.state(id);
      if (state.kind === 'open') {
        const name = { fingerprint: breakerFingerprint(id), incident: state.incident.id };
        await this.#lookAt(id, name, (event, note) => breakers.apply(id, event, note));
      }
    }
    for (const key of ledger.states.all('quarantine').keys()) {
      const agent = fleet.agent(key as AgentKey);
      const incident = agent === null ? null : quarantines.heldFor(agent.key);
      if (agent !== null && incident !== null) {
        const name = { fingerprint: quarantineFingerprint(agent.key), incident };
        await this.#lookAt(agent.project, name, (event, note) => quarantines.apply(agent.key, event, note));
      }
    }
  }

  async #lookAt(project: ProjectId | null, name: IncidentName, tell: TellClosed): Promise<void> {
    const { recorder, wake } = this.#parts;
    const { place, where } = placeOf(this.#house, project);
    const known = knownIssue(this.#house, name);
    // While something is still to be said there, a closed issue may be one that a new trip is about to open again.
    if (known?.where !== where || this.#isBusy(name.fingerprint)) {
      return;
    }
    const issue = await this.#house.tracker.get(place, known.number);
    // A tracker that cannot be asked is asked again in five minutes; who cannot be reached is the outbox's to say.
    if (issue.kind === 'done' && issue.value.state === 'closed' && !this.#isBusy(name.fingerprint)) {
      recorder.commit('outbox', (note) => {
        tell({ kind: 'issue_closed', incident: name.incident }, note);
      });
      wake();
    }
  }

  #isBusy(fingerprint: string): boolean {
    return this.#house.ledger.outbox.list().some((row) => row.lane === fingerprint);
  }
}
