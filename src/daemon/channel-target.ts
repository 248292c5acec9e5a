// Delivers the notices of one channel, as the outbox asks.

import type { Notice } from '../core/alert/notice.ts';
import type { ChannelReply } from '../ports/channel.ts';
import type { House } from './house.ts';
import type { Reacted, ReactionTarget } from './outbox.ts';
import { tellTracker } from './tracker-notice.ts';

/** Notices in an hour, so that a storm here is no storm elsewhere. */
const PER_HOUR = 300;
/** What is older is no news any more: a channel that comes back after a week is not flooded. */
const STALE_MS = 24 * 3_600_000;

const PREFIX = 'channel ';

/** What channels need of the house. */
export type ChannelNeeds = Pick<House, 'clock' | 'ledger' | 'fleet' | 'tracker' | 'alerting'>;

/** The outbox target of the channel called `name`. */
export function targetOf(name: string): string {
  return `${PREFIX}${name}`;
}

/** The outbox target called `target`; null: it is no channel's. The channel is looked up at every use: a reload may change it. */
export function channelTarget(house: ChannelNeeds, target: string): ReactionTarget | null {
  if (!target.startsWith(PREFIX)) {
    return null;
  }
  const name = target.slice(PREFIX.length);
  return {
    name: target,
    perHour: PER_HOUR,
    accessStamp: async () => {
      const access = house.fleet.now.channels.find((channel) => channel.name === name);
      const inner = access?.kind === 'tracker' ? house.tracker : house.alerting.channel(name);
      return `${JSON.stringify(access ?? null)} ${(await inner?.accessStamp()) ?? ''}`;
    },
    react: async (row) => {
      if (house.clock.now() - row.createdAt > STALE_MS) {
        return { kind: 'done', note: 'not told: it waited for more than a day' };
      }
      const notice = row.effect as Notice;
      const access = house.fleet.now.channels.find((channel) => channel.name === name);
      if (access?.kind === 'tracker') {
        return reacted(await tellTracker(house, notice));
      }
      const channel = house.alerting.channel(name);
      return channel === null
        ? { kind: 'done', note: `not told: no channel is called ${name} any more` }
        : reacted(await channel.deliver(notice));
    },
  };
}

function reacted(reply: ChannelReply): Reacted {
  if (reply.kind === 'done') {
    return reply;
  }
  return reply.permanent
    ? { kind: 'park', error: reply.message }
    : { kind: 'retry', error: reply.message, notBefore: reply.retryAt };
}
