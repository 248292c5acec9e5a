// Puts agents.toml into force by itself when it has changed and its writer is done, where `watch_config` asks for that.

import type { Timer } from '../ports/clock.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { ReloadView } from '../ports/reconcile-view.ts';
import type { House } from './house.ts';
import { isRefusal } from './lookup.ts';

/** Time between two looks; a file that looks the same at two of them is taken for whole. */
const LOOK_MS = 2000;

/** What the watch needs beside the house. */
export interface ConfigWatchParts {
  /** A text that is another one as soon as a file of the configuration is; null: there is nothing to look at. */
  readonly fingerprint: () => string | null;
  readonly reload: (by: string) => Promise<ReloadView | ControlRefusal>;
  readonly fail: (error: unknown) => void;
}

/** Looks at the files, and reloads as an operator would: with the same lease and the same guardrails. */
export class ConfigWatch {
  readonly #house: Pick<House, 'clock' | 'fleet'>;
  readonly #parts: ConfigWatchParts;
  #timer: Timer | null = null;
  #working: Promise<void> | null = null;
  #stopped = false;
  /** As the files were when they were put into force, or refused. */
  #settled: string | null = null;
  #last: string | null = null;

  constructor(house: Pick<House, 'clock' | 'fleet'>, parts: ConfigWatchParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** What the files hold now is in force. */
  start(): void {
    this.#settled = this.#parts.fingerprint();
    this.#last = this.#settled;
    this.#arm();
  }

  /** Resolves when no reload of the watch is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #arm(): void {
    if (this.#stopped) {
      return;
    }
    this.#timer = this.#house.clock.after(LOOK_MS, () => {
      this.#working = this.#look()
        .catch(this.#parts.fail)
        .finally(() => {
          this.#working = null;
          this.#arm();
        });
    });
  }

  async #look(): Promise<void> {
    const now = this.#house.fleet.now.factory.watchConfig ? this.#parts.fingerprint() : this.#settled;
    const isWhole = now === this.#last;
    this.#last = now;
    if (now === this.#settled || !isWhole) {
      return;
    }
    // Somebody else who reconciles just now may have read the file before it changed: then the next look asks again.
    if (!isRefusal(await this.#parts.reload('the file watch'))) {
      this.#settled = now;
    }
  }
}
