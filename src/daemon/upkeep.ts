// Keeps the state directory small and safe: old runs and output go, and a verified copy of the ledger is made each day.

import { messageOf, OperationalError } from '../lib/operational-error.ts';
import type { Timer } from '../ports/clock.ts';
import type { HostCursor } from '../ports/execution-host.ts';
import { cursorsOf } from './cursors.ts';
import type { House } from './house.ts';
import type { Recorder } from './recorder.ts';

/** After the start, so that it never competes with recovery and catch-up. */
const FIRST_MS = 5 * 60_000;
const EVERY_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** Between two batches, so that nobody waits for the loop. */
const BREATH_MS = 50;
/** A host's record keeps what the newest copy of the ledger lacks: at this size a copy is made first, 64 MiB is the most it may come to. */
const RECORD_BYTES = 48 * 1024 * 1024;
/** Batches of one pass; what is left is for the next. */
const MAX_BATCHES = 1000;

/** What upkeep needs beside the house. */
export interface UpkeepParts {
  readonly recorder: Recorder;
  readonly fail: (error: unknown) => void;
}

/** Retention and backups, once an hour. */
export class Upkeep {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'files' | 'host'>;
  readonly #parts: UpkeepParts;
  #timer: Timer | null = null;
  #working: Promise<void> | null = null;
  #stopped = false;
  /** Where the record of each host stood when a copy was made; not kept, at worst one more copy is made after a start. */
  readonly #copied = new Map<string, number>();
  #isCopyDue = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'files' | 'host'>, parts: UpkeepParts) {
    this.#house = house;
    this.#parts = parts;
  }

  start(): void {
    this.#arm(FIRST_MS);
  }

  /** The ledger has the hosts' records up to `cursors`: makes a copy early when one of them has become long. */
  committed(cursors: readonly HostCursor[]): void {
    const isLong = cursors.some(({ hostId, offset }) => offset - (this.#copied.get(hostId) ?? 0) >= RECORD_BYTES);
    if (isLong && !this.#isCopyDue && this.#timer !== null && this.#working === null && !this.#stopped) {
      this.#isCopyDue = true;
      this.#timer?.cancel();
      this.#arm(0);
    }
  }

  /** Resolves when nothing is being copied or removed any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#house.clock.after(delayMs, () => {
      this.#working = this.#pass()
        .catch((error: unknown) => {
          this.#parts.fail(
            isOutside(error)
              ? new OperationalError('upkeep', `upkeep failed, tried again in 1 h: ${messageOf(error)}`, error)
              : error,
          );
        })
        .finally(() => {
          this.#working = null;
          if (!this.#stopped) {
            this.#arm(EVERY_MS);
          }
        });
    });
  }

  async #pass(): Promise<void> {
    const { clock, ledger, fleet, files } = this.#house;
    const { retentionRunsMs, retentionLogsMs } = fleet.now.factory;
    for (let batch = 0; batch < MAX_BATCHES && !this.#stopped; batch += 1) {
      const now = clock.now();
      if (ledger.upkeep.prune({ runs: now - retentionRunsMs, now }) === 0) {
        break;
      }
      await new Promise<void>((resolve) => {
        clock.after(BREATH_MS, resolve);
      });
    }
    if (!this.#stopped) {
      const open = new Set(ledger.attempts.open().map((attempt) => attempt.id));
      await files.sweepOutputs(clock.now() - Math.min(retentionLogsMs, retentionRunsMs), open);
    }
    // What frees the disk comes before what needs it.
    ledger.upkeep.keepBallast();
    if (!this.#stopped) {
      await this.#backUp();
    }
  }

  async #backUp(): Promise<void> {
    const { clock, ledger, host } = this.#house;
    const dir = ledger.upkeep.backupDir;
    const now = clock.now();
    const last = Number(ledger.states.get('meta', 'backup') ?? 0);
    // A clock that was set back must not stop the copies.
    if (dir === null || (last <= now && now - last < DAY_MS && !this.#isCopyDue)) {
      return;
    }
    // Read before the copy begins, which holds at least these.
    const cursors = cursorsOf(ledger);
    await ledger.upkeep.backup(`${dir}/ledger-${new Date(now).toISOString().slice(0, 10)}.db`);
    this.#parts.recorder.commit('daemon', () => {
      ledger.states.set('meta', 'backup', now);
    });
    this.#isCopyDue = false;
    cursors.forEach(({ hostId, offset }) => this.#copied.set(hostId, offset));
    host.forget(cursors);
  }
}

/** Whether `error` is of the disk, its files or the database, and not a broken invariant or the word that another daemon took over. */
function isOutside(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && code !== 'fenced';
}
