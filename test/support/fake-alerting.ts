// A model and channels without a network: scripted answers, and everything that they were told.

import type { Notice } from '../../src/core/alert/notice.ts';
import type { AlertingOutside } from '../../src/daemon/house.ts';
import type { Channel, ChannelReply } from '../../src/ports/channel.ts';
import type { Model, ModelQuestion, ModelReply } from '../../src/ports/model.ts';

/** Answers each question with the next reply; the last one stays. A function is asked for its reply. */
export class FakeModel implements Model {
  readonly name = 'fake-1';
  readonly questions: ModelQuestion[] = [];
  readonly #replies: readonly (ModelReply | (() => Promise<ModelReply>))[];

  constructor(...replies: readonly (ModelReply | (() => Promise<ModelReply>))[]) {
    this.#replies = replies;
  }

  async ask(question: ModelQuestion): Promise<ModelReply> {
    const reply = this.#replies[Math.min(this.questions.length, this.#replies.length - 1)] ?? DOWN;
    this.questions.push(question);
    return typeof reply === 'function' ? reply() : reply;
  }
}

/** Nobody listens there. */
export const DOWN: ModelReply = { kind: 'failed', permanent: false, message: 'ECONNREFUSED', retryAt: null };

/** A good answer. */
export function answered(explanation: string, ...suggestions: readonly object[]): ModelReply {
  return { kind: 'answered', text: JSON.stringify({ explanation, suggestions }), tokens: 100 };
}

/** Keeps what it is told, and answers with `reply`. */
export class FakeChannel implements Channel {
  readonly told: Notice[] = [];
  reply: ChannelReply | (() => Promise<ChannelReply>) = { kind: 'done', note: '200' };
  stamp = '1';

  async deliver(notice: Notice): Promise<ChannelReply> {
    this.told.push(notice);
    return typeof this.reply === 'function' ? this.reply() : this.reply;
  }

  async accessStamp(): Promise<string> {
    return Promise.resolve(this.stamp);
  }

  /** `opened a1`, in order. */
  get events(): readonly string[] {
    return this.told.map(({ event, alert }) => `${event} ${alert.id}`);
  }
}

/** A factory's outside as to alerts: nobody, until a test says who. */
export class FakeAlerting implements AlertingOutside {
  readonly channels = new Map<string, Channel>();
  model: Model | null = null;

  channel(name: string): Channel | null {
    return this.channels.get(name) ?? null;
  }
}
