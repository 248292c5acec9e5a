// Records one request per wish, with the key that makes a repeated wish the same one.

import type { AgentDefinition } from '../core/fleet.ts';
import type { AgentKey } from '../core/ids.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { reason } from '../core/admission/reasons.ts';
import type { Run, RunInput, Trigger } from '../core/run/run.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';

/** A wish. `key`: chosen by who wishes; a second request with it is the first one. */
export interface Wish {
  readonly agent: AgentDefinition;
  readonly trigger: Trigger;
  readonly key: string | null;
  readonly input: RunInput;
  /** Epoch ms; not to be asked before. */
  readonly notBefore: number;
}

/** What became of a wish. */
export type Accepted =
  | { readonly kind: 'new' | 'known'; readonly run: Run }
  | { readonly kind: 'full'; readonly agent: AgentKey; readonly reason: Reason };

/** Turns wishes into waiting runs. */
export class Intake {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>) {
    this.#house = house;
  }

  /** Records `wish` inside the caller's transaction. Slots and Safety wishes are bounded elsewhere and never refused for a full queue. */
  accept(wish: Wish, note: Note): Accepted {
    const { ledger, clock, fleet } = this.#house;
    const known = wish.key === null ? null : ledger.runs.byKey(wish.key);
    if (known !== null) {
      return { kind: 'known', run: known };
    }
    const bounded = wish.trigger.kind === 'operator' || wish.trigger.kind === 'event';
    const limit = fleet.now.factory.maxWaiting;
    const waiting = bounded ? ledger.runs.waitingCount(wish.agent.key) : 0;
    if (bounded && waiting >= limit) {
      return {
        kind: 'full',
        agent: wish.agent.key,
        reason: reason('queue_full', `${waiting} requests wait already, limit ${limit}`, { waiting, limit }),
      };
    }
    const run = ledger.runs.insert({
      agent: wish.agent.key,
      project: wish.agent.project,
      trigger: wish.trigger,
      priority: wish.agent.priority,
      requestedAt: clock.now(),
      notBefore: wish.notBefore,
      input: wish.input,
      dedupeKey: wish.key,
      configHash: fleet.now.hash,
    });
    // A slot's row in the slot table already says that it was asked for; a fact per slot would be the same said twice.
    if (wish.trigger.kind !== 'slot') {
      note({
        kind: 'run.requested',
        run: run.id,
        agent: run.agent,
        ...(run.project === null ? {} : { project: run.project }),
        trigger: wish.trigger,
      });
    }
    return { kind: 'new', run };
  }
}
