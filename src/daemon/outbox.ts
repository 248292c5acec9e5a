// Carries out stored reactions: at least once, in order per lane, with backoff; each target has a worker of its own.

import { backoffMs } from '../core/react/backoff.ts';
import { isStorageFailure, messageOf, OperationalError } from '../lib/operational-error.ts';
import type { OutboxRow } from '../ports/ledger.ts';
import { hasClockNews, takeClockStep } from './clock-steps.ts';
import type { House } from './house.ts';
import type { Note, Recorder } from './recorder.ts';
import { Turns } from './turns.ts';

/** Rows taken in one turn of a target. */
const TURN = 16;
/** Longest sleep, so that a fixed credential or a moved clock is noticed. */
const LONGEST_SLEEP_MS = 30_000;
/** How long a reaction under way is waited for at the end: SIGTERM has 5 s in all, and what is not recorded is done again. */
const STOP_MS = 1000;
/** Pause after a turn that could not be written down. */
const STORAGE_RETRY_MS = 1000;
const HOUR_MS = 3_600_000;
/** Failures of the ledger as a whole, which say nothing of the reaction that met them. */
const NOT_ITS_OWN: ReadonlySet<string> = new Set(['storage', 'fenced']);

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

/** What the outbox needs beside the house. */
export interface OutboxParts {
  readonly recorder: Recorder;
  readonly fail: (error: unknown) => void;
}

/** The outbox service. */
export class Outbox {
  readonly #house: Pick<House, 'boot' | 'clock' | 'ledger' | 'chance'>;
  readonly #parts: OutboxParts;
  readonly #workers = new Map<string, Worker>();

  constructor(
    house: Pick<House, 'boot' | 'clock' | 'ledger' | 'chance'>,
    parts: OutboxParts,
    targets: readonly ReactionTarget[],
  ) {
    this.#house = house;
    this.#parts = parts;
    for (const target of targets) {
      this.employ(target);
    }
  }

  /** `target` has a worker from now on; one of this name already there stays. */
  employ(target: ReactionTarget): void {
    if (!this.#workers.has(target.name)) {
      this.#workers.set(target.name, new Worker(this.#house, this.#parts, target));
    }
  }

  /** Something may be due. */
  wake(): void {
    for (const worker of this.#workers.values()) {
      worker.wake();
    }
  }

  /** No reaction begins after this; resolves when those under way have ended, or take too long. */
  async stop(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(async (worker) => worker.stop()));
  }
}

class Worker {
  readonly #house: Pick<House, 'boot' | 'clock' | 'ledger' | 'chance'>;
  readonly #parts: OutboxParts;
  readonly #target: ReactionTarget;
  readonly #turns: Turns;
  #stopped = false;
  #begun = false;
  #stamp: string | null = null;
  #calls: number[] = [];
  /** What was carried out and could not be written down: only the writing is tried again. */
  #unwritten: { readonly row: OutboxRow; readonly reacted: Reacted } | null = null;

  constructor(house: Pick<House, 'boot' | 'clock' | 'ledger' | 'chance'>, parts: OutboxParts, target: ReactionTarget) {
    this.#house = house;
    this.#parts = parts;
    this.#target = target;
    this.#turns = new Turns(house.clock, async () => this.#work().catch((error: unknown) => this.#failed(error)));
  }

  /** Every end of a run wakes all targets, and hardly ever is there anything to do: a turn costs more than this look. */
  wake(): void {
    if (!this.#begun || this.#house.ledger.outbox.nextAt(this.#target.name) !== null) {
      this.#begun = true;
      this.#turns.wake();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turns.stop(STOP_MS);
  }

  /** One turn; answers after how many ms the next one should come. */
  async #work(): Promise<number> {
    if (this.#unwritten !== null) {
      this.#settle(this.#unwritten.row, this.#unwritten.reacted);
    }
    await this.#unpark();
    this.#followClock();
    const { clock, ledger } = this.#house;
    const rows = ledger.outbox.due(this.#target.name, clock.now(), TURN);
    for (const row of rows) {
      const waitMs = this.#untilAllowed();
      if (this.#stopped || waitMs > 0) {
        return Math.min(waitMs, LONGEST_SLEEP_MS);
      }
      this.#settle(row, await this.#react(row));
    }
    const next = ledger.outbox.nextAt(this.#target.name);
    return next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, Math.max(1, next - clock.now()));
  }

  async #react(row: OutboxRow): Promise<Reacted> {
    this.#calls.push(this.#house.clock.monotonic());
    try {
      return await this.#target.react(row);
    } catch (error) {
      return { kind: 'retry', error: messageOf(error), notBefore: null };
    }
  }

  /** Answers after how many ms to try again. A ledger that has no room is told of by those whose work it stops. */
  #failed(error: unknown): number {
    if (isStorageFailure(error)) {
      return STORAGE_RETRY_MS;
    }
    this.#parts.fail(error);
    return LONGEST_SLEEP_MS;
  }

  #settle(row: OutboxRow, reacted: Reacted): void {
    this.#unwritten = { row, reacted };
    try {
      this.#write(row, reacted);
    } catch (error) {
      if (!(error instanceof OperationalError) || NOT_ITS_OWN.has(error.code)) {
        throw error;
      }
      // What follows from it failed, and would at once again: it is told of, and waits like any other.
      this.#write(row, { kind: 'retry', error: error.message, notBefore: null });
    }
    this.#unwritten = null;
  }

  #write(row: OutboxRow, reacted: Reacted): void {
    const { ledger, clock, chance } = this.#house;
    const about = { target: row.target, effect: row.naturalKey };
    this.#parts.recorder.commit('outbox', (note) => {
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

  /** A row that waits for an instant of a clock that was set back would wait for days; a clock set forward only tries early. */
  #followClock(): void {
    const { clock, ledger } = this.#house;
    const who = `outbox ${this.#target.name}`;
    if (!hasClockNews(this.#house, who)) {
      return;
    }
    ledger.transact(() => {
      const byMs = takeClockStep(this.#house, who);
      if (byMs < 0) {
        ledger.outbox.hasten(this.#target.name, -byMs, clock.now());
      }
    });
  }

  /** Parked rows wait again when the operator changed what they failed for; a restart counts, it may have changed meanwhile. */
  async #unpark(): Promise<void> {
    const stamp = await this.#target.accessStamp();
    if (stamp !== this.#stamp) {
      const { ledger, clock } = this.#house;
      ledger.transact(() => ledger.outbox.unpark(this.#target.name, clock.now()));
      this.#stamp = stamp;
    }
  }

  /** Ms until another call is within the cap. */
  #untilAllowed(): number {
    const now = this.#house.clock.monotonic();
    this.#calls = this.#calls.filter((at) => at > now - HOUR_MS);
    const oldest = this.#calls.at(-this.#target.perHour);
    return oldest === undefined ? 0 : oldest + HOUR_MS - now;
  }
}
