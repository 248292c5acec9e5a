// Numbers what is told, and keeps the records of an ended attempt until the daemon has taken its end for good.

import type { AttemptId } from '../../core/ids.ts';
import { addBounded } from '../../lib/bounded-set.ts';
import { ENDED_MAX } from '../../os/wire.ts';
import type { HostCursor } from '../../ports/execution-host.ts';

const HOST_ID = 'systemd';

/** Attempts that have ended. */
export class Ends {
  readonly #ended = new Set<AttemptId>();
  /** Ends that were told and are not acknowledged, by the place of their event. */
  readonly #untaken = new Map<number, AttemptId>();
  readonly #forget: (id: AttemptId) => void;
  #offset = 0;

  /** `forget` removes what is recorded of an attempt. */
  constructor(forget: (id: AttemptId) => void) {
    this.#forget = forget;
  }

  /** Numbers on from where the last daemon was. */
  goOn(cursors: readonly HostCursor[]): void {
    this.#offset = cursors.find(({ hostId }) => hostId === HOST_ID)?.offset ?? 0;
  }

  /** The place of the next event. */
  place(): HostCursor {
    this.#offset += 1;
    return { hostId: HOST_ID, offset: this.#offset };
  }

  /** `id` has ended: the place of that event. */
  add(id: AttemptId): HostCursor {
    addBounded(this.#ended, id, ENDED_MAX);
    const cursor = this.place();
    this.#untaken.set(cursor.offset, id);
    return cursor;
  }

  /** Whether the end of `id` was told. */
  has(id: AttemptId): boolean {
    return this.#ended.has(id);
  }

  /** Everything up to `cursor` is durable with the daemon. */
  acknowledge({ hostId, offset }: HostCursor): void {
    for (const [place, id] of hostId === HOST_ID ? this.#untaken : []) {
      if (place <= offset) {
        this.#untaken.delete(place);
        this.#forget(id);
      }
    }
  }
}
