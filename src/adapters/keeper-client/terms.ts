// Keeps what is needed to watch each attempt alive without its keeper: its limits and its files, never what it was given.

import type { AttemptId } from '../../core/ids.ts';
import type { HeldAttempt, StartReply } from '../../ports/execution-host.ts';

/** What is needed to watch an attempt without its keeper. */
export type Terms = Pick<HeldAttempt, 'limits' | 'stopPlans' | 'outPath' | 'errPath'>;

/** Replies after which nothing lives that could be watched. */
const NOTHING_LIVES: ReadonlySet<StartReply['kind']> = new Set(['did_not_start', 'paused', 'already_ended']);

/** The terms of attempts that live, or are about to. */
export class KnownTerms {
  readonly #terms = new Map<string, Terms>();

  /** Keeps those of `id`. */
  keep(id: string, { limits, stopPlans, outPath, errPath }: Terms): void {
    this.#terms.set(id, { limits, stopPlans, outPath, errPath });
  }

  /** Keeps those of a start until `reply` says that nothing lives; the answer is that reply. */
  async keepFor(start: Terms & { readonly attemptId: AttemptId }, ask: () => Promise<StartReply>): Promise<StartReply> {
    this.keep(start.attemptId, start);
    const reply = await ask();
    if (NOTHING_LIVES.has(reply.kind)) {
      this.forget(start.attemptId);
    }
    return reply;
  }

  /** `id` has ended. */
  forget(id: string): void {
    this.#terms.delete(id);
  }

  /** Those of `id`; undefined: nobody knows them any more. */
  get(id: string): Terms | undefined {
    return this.#terms.get(id);
  }

  has(id: string): boolean {
    return this.#terms.has(id);
  }
}
