// Starts that were asked for and not answered yet: each is asked again wherever that is safe, and answered exactly once.

import type { AttemptId } from '../../core/ids.ts';
import { messageOf, OperationalError } from '../../lib/operational-error.ts';
import type { Entry, StartEntry, StartNo } from '../../os/wire.ts';
import type { StartReply, StartSpec } from '../../ports/execution-host.ts';
import type { Keepers } from './keepers.ts';
import type { KeeperLink } from './link.ts';
import { identityIn, orderOf, replyOf } from './translate.ts';

/** Keepers asked one after the other before a start is given up. */
const KEEPER_TRIES = 4;

interface Pending {
  readonly spec: StartSpec;
  readonly reply: Promise<StartReply>;
  readonly settle: (reply: StartReply) => void;
  readonly fail: (error: OperationalError) => void;
  /** The keeper that was asked last; null: none yet. */
  link: KeeperLink | null;
  tries: number;
}

/** The starts under way. */
export class Starts {
  readonly #keepers: Keepers;
  readonly #pending = new Map<string, Pending>();

  constructor(keepers: Keepers) {
    this.#keepers = keepers;
  }

  /** The answer to the start under way for `id`; null: none is. */
  reply(id: string): Promise<StartReply> | null {
    return this.#pending.get(id)?.reply ?? null;
  }

  /** Asks the accepting keeper to start `spec`. */
  begin(spec: StartSpec): Promise<StartReply> {
    const { promise, resolve, reject } = Promise.withResolvers<StartReply>();
    const settle = (reply: StartReply) => {
      this.#pending.delete(spec.attemptId);
      resolve(reply);
    };
    const pending: Pending = { spec, reply: promise, settle, fail: reject, link: null, tries: 0 };
    this.#pending.set(spec.attemptId, pending);
    void this.#ask(pending);
    return promise;
  }

  /** An entry became durable: a `start` is the answer. */
  onEntry(entry: Entry): void {
    if (entry.k === 'start') {
      this.#pending.get(entry.id)?.settle(started(entry));
    }
  }

  /** The keeper said no. */
  onNo(id: string, no: StartNo): void {
    const pending = this.#pending.get(id);
    const reply = replyOf(no);
    if (pending === undefined || pending.link === null) {
      return;
    }
    if (reply === null) {
      void this.#keepers.retire(pending.link).then(() => this.#ask(pending));
    } else {
      pending.settle(reply);
    }
  }

  /** The line to `link` stands again: what it was asked and has not recorded is asked again, which is safe by its id. */
  onHealed(link: KeeperLink): void {
    this.#askedOf(link).forEach((pending) => void this.#ask(pending));
  }

  /** `link` died: what it was asked either shows up in `search`, or never happened. */
  async onDead(
    link: KeeperLink,
    search: (ids: readonly AttemptId[]) => Promise<ReadonlyMap<AttemptId, StartEntry>>,
  ): Promise<void> {
    const asked = this.#askedOf(link);
    const found = await search(asked.map(({ spec }) => spec.attemptId));
    for (const { spec, settle } of asked) {
      const start = found.get(spec.attemptId);
      const message = `keeper ${link.id} died before it could start ${spec.attemptId}`;
      settle(start === undefined ? { kind: 'did_not_start', cause: 'keeper_died', message } : started(start));
    }
  }

  /** We are going: whether what is under way will be started nobody here will learn; the next daemon will. */
  close(): void {
    for (const { fail, spec } of this.#pending.values()) {
      fail(new OperationalError('host.closed', `the host was let go before it said whether ${spec.attemptId} started`));
    }
    this.#pending.clear();
  }

  async #ask(pending: Pending): Promise<void> {
    pending.tries += 1;
    try {
      const link = await this.#keepers.accepting();
      pending.link = link;
      if (link.line !== null && pending.tries <= KEEPER_TRIES) {
        link.line.start(orderOf(pending.spec));
        return;
      }
      throw new Error(`no keeper took the start in ${KEEPER_TRIES} tries`);
    } catch (error) {
      pending.settle({ kind: 'did_not_start', cause: 'host', message: messageOf(error) });
    }
  }

  #askedOf(link: KeeperLink): Pending[] {
    return [...this.#pending.values()].filter((pending) => pending.link === link);
  }
}

function started(entry: StartEntry): StartReply {
  return { kind: 'started', identity: identityIn(entry), enforcement: entry.held };
}
