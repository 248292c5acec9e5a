// Looks whether attempts in units have ended: at their records, and at the manager where a record stays away.

import type { AttemptId } from '../../core/ids.ts';
import { outside } from '../../lib/operational-error.ts';
import type { Records } from './records.ts';
import type { ServiceManager } from './service-manager.ts';

/** A first process that is gone for this long without a record: the manager is asked. */
const RECORD_PATIENCE_MS = 15_000;

/** What a look sees of an attempt, and notes at it. */
export interface LookedAt {
  readonly unit: string;
  /** Whether its first process is alive. */
  readonly runs: boolean;
  goneSince: number | null;
  isUnreadable: boolean;
}

/** What looks need. */
export interface LooksInput<Live extends LookedAt> {
  readonly live: ReadonlyMap<AttemptId, Live>;
  readonly records: Pick<Records, 'exit' | 'writeAgain'>;
  readonly manager: Pick<ServiceManager, 'state'>;
  /** Aborted: the host was let go. */
  readonly signal: AbortSignal;
  /** Tells the end of an attempt that is over. */
  readonly end: (id: AttemptId, live: Live) => Promise<void>;
  readonly log: (message: string) => void;
  readonly fail: (error: unknown) => void;
}

/** The looks of one host. */
export class Looks<Live extends LookedAt> {
  readonly #input: LooksInput<Live>;

  constructor(input: LooksInput<Live>) {
    this.#input = input;
  }

  /** Looks at all attempts; nobody waits for it. */
  all(): void {
    const { records, live } = this.#input;
    records.writeAgain();
    for (const id of live.keys()) {
      this.soon(id);
    }
  }

  /** Looks at `id`; nobody waits for it. A look that fails is followed by the next, and told once. */
  soon(id: AttemptId): void {
    const live = this.#input.live.get(id);
    if (live === undefined) {
      return;
    }
    this.at(id).then(
      () => {
        live.isUnreadable = false;
      },
      (error: unknown) => {
        if (!live.isUnreadable) {
          live.isUnreadable = true;
          this.#input.fail(outside('systemd.look', `look for the end of ${id}, and again each second`, error));
        }
      },
    );
  }

  /** Has the end of `id` told once it is recorded, or once it is certain that it never will be. */
  async at(id: AttemptId): Promise<void> {
    const { records, manager, signal, end, log } = this.#input;
    const live = this.#input.live.get(id);
    if (live === undefined || signal.aborted) {
      return;
    }
    if (records.exit(id) !== null) {
      await end(id, live);
      return;
    }
    const now = performance.now();
    live.goneSince = live.runs ? null : (live.goneSince ?? now);
    if (live.goneSince !== null && now - live.goneSince > RECORD_PATIENCE_MS) {
      live.goneSince = now;
      const { active } = await manager.state(live.unit);
      if ((active === 'inactive' || active === 'failed') && records.exit(id) === null) {
        log(`${live.unit} is gone, and the service manager recorded no end of it`);
        await end(id, live);
      }
    }
  }
}
