// Carries out stored reactions: at least once, in order per lane, with backoff; each target has a worker of its own.

import { backoffMs } from '../core/react/backoff.ts';
import { messageOf } from '../lib/operational-error.ts';
import type { Timer } from '../ports/clock.ts';
import type { OutboxRow } from '../ports/ledger.ts';
import type { House } from './house.ts';
import type { Note, Recorder } from './recorder.ts';

/** Rows taken in one turn of a target. */
const TURN = 16;
/** Longest sleep, so that a fixed credential or a moved clock is noticed. */
const LONGEST_SLEEP_MS = 30_000;

/** What came of one reaction. `also` runs in the transaction that marks it done. */
export type Reacted =
  | { readonly kind: 'done'; readonly note: string; readonly also?: (note: Note) => void }
  | {
      readonly kind: 'retry';
      readonly error: string;
      readonly notBefore: number | null;
      readonly also?: (note: Note) => void;
    }
  | { readonly kind: 'park'; readonly error: string };

/** Carries out the rows of one target. */
export interface ReactionTarget {
  readonly name: string;
  react(row: OutboxRow): Promise<Reacted>;
  /** Changes when the operator changed what parked rows failed for. */
  accessStamp(): Promise<string>;
  /** Calls allowed in an hour. */
  readonly perHour: number;
}

/** The outbox service. */
export class Outbox {
  private readonly workers: readonly Worker[];

  constructor(
    house: Pick<House, 'clock' | 'ledger' | 'chance'>,
    recorder: Recorder,
    targets: readonly ReactionTarget[],
  ) {
    this.workers = targets.map((target) => new Worker(house, recorder, target));
  }

  /** Something may be due. */
  wake(): void {
    for (const worker of this.workers) {
      worker.wake();
    }
  }

  /** No reaction begins after this; resolves when those under way have ended. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.stop()));
  }
}

class Worker {
  private readonly house: Pick<House, 'clock' | 'ledger' | 'chance'>;
  private readonly recorder: Recorder;
  private readonly target: ReactionTarget;
  private timer: Timer | null = null;
  private turn: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private stamp: string | null = null;
  private calls: number[] = [];

  constructor(house: Worker['house'], recorder: Recorder, target: ReactionTarget) {
    this.house = house;
    this.recorder = recorder;
    this.target = target;
  }

  wake(): void {
    if (this.turn !== null) {
      this.again = true;
      return;
    }
    this.arm(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.turn;
  }

  private arm(delayMs: number): void {
    this.timer?.cancel();
    if (this.stopped) {
      return;
    }
    this.timer = this.house.clock.after(delayMs, () => {
      this.again = false;
      this.turn = this.work()
        // A ledger that cannot be written leaves the row as it is: the next turn tries again.
        .catch(() => undefined)
        .finally(() => {
          this.turn = null;
          this.arm(this.again ? 0 : this.sleepMs());
        });
    });
  }

  private sleepMs(): number {
    const next = this.house.ledger.outbox.nextAt();
    return next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, Math.max(50, next - this.house.clock.now()));
  }

  private async work(): Promise<void> {
    await this.unpark();
    const rows = this.house.ledger.outbox
      .due(this.house.clock.now(), TURN * 4)
      .filter((row) => row.target === this.target.name);
    for (const row of rows.slice(0, TURN)) {
      if (this.stopped || !this.mayCall()) {
        return;
      }
      let reacted: Reacted;
      try {
        reacted = await this.target.react(row);
      } catch (error) {
        reacted = { kind: 'retry', error: messageOf(error), notBefore: null };
      }
      this.settle(row, reacted);
      this.again ||= reacted.kind === 'done';
    }
  }

  private settle(row: OutboxRow, reacted: Reacted): void {
    const { ledger, clock, chance } = this.house;
    const about = { target: row.target, effect: row.naturalKey };
    this.recorder.commit('outbox', (note) => {
      switch (reacted.kind) {
        case 'done':
          ledger.outbox.done(row.id);
          reacted.also?.(note);
          note({ kind: 'reaction.done', ...about, note: reacted.note });
          return;
        case 'retry': {
          const nextAt = Math.max(clock.now() + backoffMs(row.attempts, chance.random()), reacted.notBefore ?? 0);
          ledger.outbox.retry(row.id, { nextAt, error: reacted.error });
          reacted.also?.(note);
          // One fact when it begins to fail, not one per try: the row counts the tries.
          if (row.attempts === 0) {
            note({ kind: 'reaction.failed', ...about, message: reacted.error, retryAt: nextAt });
          }
          return;
        }
        case 'park':
          ledger.outbox.park(row.id, reacted.error);
          note({ kind: 'reaction.parked', ...about, message: reacted.error });
          return;
      }
    });
  }

  private async unpark(): Promise<void> {
    const stamp = await this.target.accessStamp();
    if (this.stamp !== null && stamp !== this.stamp) {
      this.house.ledger.outbox.unpark(this.target.name, this.house.clock.now());
    }
    this.stamp = stamp;
  }

  private mayCall(): boolean {
    const now = this.house.clock.monotonic();
    this.calls = this.calls.filter((at) => at > now - 3_600_000);
    if (this.calls.length >= this.target.perHour) {
      return false;
    }
    this.calls.push(now);
    return true;
  }
}
