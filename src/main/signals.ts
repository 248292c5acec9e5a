// What signals do to a factory, and the one wish by which it ends.

import type { Foreground } from '../cli/local.ts';
import type { Daemon } from '../daemon/daemon.ts';
import type { House } from '../daemon/house.ts';
import { isRefusal } from '../daemon/lookup.ts';
import type { StopHow } from '../daemon/shutdown.ts';
import { OperationalError } from '../lib/operational-error.ts';

/** How a factory ends: as it was asked to, or because it cannot go on. */
export type Wish =
  | { readonly kind: 'end'; readonly how: StopHow; readonly code: number }
  | { readonly kind: 'fatal'; readonly error: unknown };

/** How the daemon is asked to end; the first wish counts. */
export class EndWish {
  #isWished = false;
  #resolve: (why: Wish) => void = () => undefined;
  readonly #promise = new Promise<Wish>((resolve) => {
    this.#resolve = resolve;
  });

  /** False: it ends already. */
  end(how: StopHow, code: number): boolean {
    return this.#wish({ kind: 'end', how, code });
  }

  fatal(error: unknown): void {
    this.#wish({ kind: 'fatal', error });
  }

  async wait(): Promise<Wish> {
    return this.#promise;
  }

  #wish(why: Wish): boolean {
    const isFirst = !this.#isWished;
    this.#isWished = true;
    this.#resolve(why);
    return isFirst;
  }
}

/** Installs the signal handlers; the answer takes them away again. */
export function onSignals(given: {
  readonly daemon: Daemon;
  readonly house: House;
  readonly ended: EndWish;
  readonly foreground: Foreground;
  readonly drainOnTerm: boolean;
  readonly warn: (message: string) => void;
}): () => void {
  const { daemon, house, ended, foreground } = given;
  let interrupts = 0;
  const graceMs = (): number => house.fleet.now.factory.drainTimeoutMs;
  const drain = (): void => {
    if (ended.end({ kind: 'drain', timeoutMs: graceMs() }, 0)) {
      foreground.draining({ live: house.ledger.runs.live().length, graceMs: graceMs() });
    }
  };
  // Whoever ends the machine, or the service, does not wait for a drain that somebody began.
  const leave = (): void => {
    if (!ended.end({ kind: 'leave' }, 0)) {
      daemon.leave();
    }
  };
  const handlers: Readonly<Record<string, () => void>> = {
    SIGINT: () => {
      interrupts += 1;
      if (interrupts === 1) {
        drain();
      } else {
        daemon.killAll().catch((error: unknown) => {
          daemon.failed(error);
        });
      }
    },
    SIGTERM: () => {
      if (given.drainOnTerm) {
        drain();
      } else {
        leave();
      }
    },
    SIGHUP: process.stdin.isTTY
      ? leave
      : () => {
          reload(daemon, given.warn).catch((error: unknown) => {
            daemon.failed(error);
          });
        },
  };
  for (const [signal, handle] of Object.entries(handlers)) {
    process.on(signal, handle);
  }
  return () => {
    for (const [signal, handle] of Object.entries(handlers)) {
      process.off(signal, handle);
    }
  };
}

/** What a reload did stands in the record; that it was not even begun, or that the outside failed, does not. */
async function reload(daemon: Daemon, warn: (message: string) => void): Promise<void> {
  try {
    const view = await daemon.control.reload('SIGHUP');
    if (isRefusal(view)) {
      warn(`SIGHUP: ${view.refused.message}`);
    }
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code === 'fenced') {
      throw error;
    }
    warn(`SIGHUP: ${error.message}`);
  }
}
