// One worker that is woken: its turns never overlap, a wake during a turn brings another one, and each says when to come back.

import type { Clock, Timer } from '../ports/clock.ts';

/** The turns of one worker. */
export class Turns {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #work: () => Promise<number | null>;
  #timer: Timer | null = null;
  #turn: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  /** `work` is one turn: it answers after how many ms to come back by itself (null: only when woken), and never rejects. */
  constructor(clock: Pick<Clock, 'after'>, work: () => Promise<number | null>) {
    this.#clock = clock;
    this.#work = work;
  }

  /** Something changed: take a turn soon. Cheap to call often. */
  wake(): void {
    if (this.#turn === null) {
      this.#arm(0);
    } else {
      this.#again = true;
    }
  }

  /**
   * No turn begins after this; resolves when the one under way has ended. After `patienceMs` it is waited for no longer: for
   * turns that speak with somebody who may not answer, and whose work is done again by the next daemon.
   */
  async stop(patienceMs: number | null = null): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    if (patienceMs === null || this.#turn === null) {
      await this.#turn;
      return;
    }
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(patienceMs, late.resolve);
    await Promise.race([this.#turn, late.promise]);
    timer.cancel();
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#stopped) {
      return;
    }
    this.#timer = this.#clock.after(delayMs, () => {
      this.#again = false;
      this.#turn = this.#work().then((pauseMs) => {
        this.#turn = null;
        const delay = this.#again ? 0 : pauseMs;
        if (delay !== null) {
          this.#arm(delay);
        }
      });
    });
  }
}
