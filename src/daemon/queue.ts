// Knows who waits and who of them is asked next, so that a pass over a few of ten thousand reads only those few.

import { order } from '../core/admission/order.ts';
import type { Queued } from '../core/admission/waiting.ts';
import { expiresAt } from '../core/admission/waiting.ts';
import type { Fleet } from '../core/fleet.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import type { Decision } from './decision.ts';
import { newerSlots, waitingSlots } from './decision.ts';
import type { House } from './house.ts';
import { LiveIndex } from './live-index.ts';

/** Who was told that there is no slot is told again this often while there is none: the other reasons may have changed. */
const TELL_AGAIN_MS = 10_000;

interface Standing {
  /** Everybody who waits. */
  readonly all: readonly Queued[];
  /** Who of them is due and was not asked in this round, in order. */
  readonly due: readonly Queued[];
  /** Instants of waiting slots by agent. */
  readonly slots: ReadonlyMap<string, readonly number[]>;
  readonly isTellingAgain: boolean;
}

/** The waiting requests in rounds: the first of the order would be asked for ever, so each is asked once before the next round. */
export class Queue {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #decision: Pick<Decision, 'shareOf' | 'hasAnswered' | 'forgetAllBut'>;
  readonly #asked = new Set<RunId>();
  #standing: Standing | null = null;
  #told: { readonly at: number; readonly fleet: Fleet } | null = null;

  constructor(
    house: Pick<House, 'clock' | 'ledger' | 'fleet'>,
    decision: Pick<Decision, 'shareOf' | 'hasAnswered' | 'forgetAllBut'>,
  ) {
    this.#house = house;
    this.#decision = decision;
  }

  /** Who waits may be somebody else now, or what they wait for. */
  changed(): void {
    this.#standing = null;
  }

  /** The last answers were undone, or everybody is to be asked from the first on. */
  restart(): void {
    this.#asked.clear();
    this.#standing = null;
  }

  /** Who waits, who is due, and the slots that wait; read at the first question after something changed. */
  look(): Standing {
    this.#standing ??= this.#read();
    return this.#standing;
  }

  /** The next `count` who still wait; whether more are due in this round. */
  take(count: number): { readonly batch: readonly Run[]; readonly rest: boolean } {
    const standing = this.look();
    const next = standing.due.slice(0, count);
    const rest = standing.due.length > count;
    if (rest) {
      next.forEach(({ id }) => this.#asked.add(id));
      this.#standing = { ...standing, due: standing.due.slice(count) };
    } else {
      if (standing.isTellingAgain) {
        this.#told = { at: this.#house.clock.now(), fleet: this.#house.fleet.now };
        this.#decision.forgetAllBut(standing.all);
      }
      this.restart();
    }
    const { runs } = this.#house.ledger;
    const batch = next.map(({ id }) => runs.get(id)).filter((run) => run?.state === 'waiting');
    return { batch: batch.filter((run) => run !== null), rest };
  }

  #read(): Standing {
    const { clock, ledger } = this.#house;
    const now = clock.now();
    const all = ledger.runs.queue();
    const slots = waitingSlots(all);
    const live = LiveIndex.of(ledger.runs.held(), all);
    const isTellingAgain = this.#told?.fleet !== this.#house.fleet.now || now - this.#told.at >= TELL_AGAIN_MS;
    const due = all.filter(
      (request) =>
        request.notBefore <= now &&
        !this.#asked.has(request.id) &&
        (isTellingAgain || this.#hasRoom(request, live) || this.#isNews(request, slots)),
    );
    return { all, due: order(due, (project) => this.#decision.shareOf(project, live), now), slots, isTellingAgain };
  }

  #hasRoom({ project }: Queued, live: LiveIndex): boolean {
    const { fleet } = this.#house;
    const limit = fleet.project(project)?.maxConcurrentAgents ?? Number.POSITIVE_INFINITY;
    return live.all < fleet.now.factory.maxConcurrentAgents && live.ofProject(project ?? '') < limit;
  }

  /** Whether it may be told something else than that there is no slot: it was not told so yet, or its time is over. */
  #isNews(request: Queued, slots: Standing['slots']): boolean {
    const { clock, fleet } = this.#house;
    const agent = fleet.agent(request.agent);
    return (
      agent === null ||
      !this.#decision.hasAnswered(request.id) ||
      expiresAt(request, agent, fleet.now.factory) <= clock.now() ||
      newerSlots(request, slots) > 0
    );
  }
}
