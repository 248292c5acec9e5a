// Stores for every channel what it is to be told, in the transaction of what happened; each channel has a worker of its own.

import type { Alert } from '../core/alert/alert.ts';
import { noticeOf } from '../core/alert/notice.ts';
import type { NoticeEvent } from '../core/alert/notice.ts';
import type { Suggestion } from '../core/alert/conversation.ts';
import { channelTarget, targetOf } from './channel-target.ts';
import type { ChannelNeeds } from './channel-target.ts';
import type { House } from './house.ts';
import type { Outbox } from './outbox.ts';

/** What notices need beside the house. */
export interface NoticesParts {
  readonly outbox: Outbox;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
}

/** Tells channels. */
export class Notices {
  readonly #house: ChannelNeeds & Pick<House, 'chance'>;
  readonly #parts: NoticesParts;

  constructor(house: ChannelNeeds & Pick<House, 'chance'>, parts: NoticesParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Takes up what an earlier daemon left; a channel that is gone meanwhile is told nothing. */
  start(): void {
    for (const { target } of this.#house.ledger.outbox.list()) {
      this.#employ(target);
    }
  }

  /** Inside a transaction: every channel in force is to be told. */
  tell(
    event: NoticeEvent,
    alert: Alert,
    more: { readonly explanation?: string; readonly suggestions?: readonly Suggestion[] } = {},
  ): void {
    const { fleet, ledger, chance, clock } = this.#house;
    const { channels, alerts, factory } = fleet.now;
    const told = channels.filter(({ name }) => alerts.channels === null || alerts.channels.includes(name));
    for (const { name } of told) {
      const given = { id: chance.uuid(), factory: factory.name, secrets: this.#parts.secrets(), ...more };
      const notice = noticeOf(event, alert, given);
      const target = targetOf(name);
      // A part of the id: an alert may be explained more than once, and each notice is its own.
      const naturalKey = `${alert.id} ${event} ${name} ${notice.id.slice(0, 8)}`;
      ledger.outbox.add({ target, lane: name, unit: alert.id, naturalKey, effect: notice, createdAt: clock.now() });
      this.#employ(target);
    }
  }

  #employ(target: string): void {
    const channel = channelTarget(this.#house, target);
    if (channel !== null) {
      this.#parts.outbox.employ(channel);
    }
  }
}
