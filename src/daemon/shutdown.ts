// Ends a daemon: nothing is decided any more, what lives is left, waited for or ended, and then the doors and the ledger close.

import type { Timer } from '../ports/clock.ts';
import type { House } from './house.ts';
import type { Services } from './services.ts';
import { within } from './within.ts';

/** How a daemon ends: `leave` leaves agents to their host, `drain` waits for them, `kill` ends them now. */
export type StopHow =
  | { readonly kind: 'leave' }
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  | { readonly kind: 'kill' };

/** How it ended in the end: a drain may have been told to leave. */
export interface Stopped {
  readonly how: StopHow['kind'];
  /** Attempts that live on. */
  readonly left: number;
}

/** What a shutdown needs beside the house and the services. */
export interface ShutdownParts {
  /** Told again and again while it lasts: we are at work. */
  readonly passed: () => void;
  readonly fail: (error: unknown) => void;
}

/** How long is waited for whatever may hang: an end that cannot be recorded, a host that does not answer, a copy on a slow disk. */
const RECORD_MS = 3000;
/** Between two signs of life. */
const BEAT_MS = 5000;

/** One ending. */
export class Shutdown {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'host'>;
  readonly #services: Services;
  readonly #parts: ShutdownParts;
  readonly #leaving = Promise.withResolvers<void>();
  readonly #broken = Promise.withResolvers<never>();
  #heart: Timer | null = null;
  #isOver = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'host'>, services: Services, parts: ShutdownParts) {
    this.#house = house;
    this.#services = services;
    this.#parts = parts;
    // Heard where it is waited for; before and after that nobody does.
    this.#broken.promise.catch(() => undefined);
  }

  /** The ledger is closed: whoever still works fails at that, and at nothing else. */
  get isClosed(): boolean {
    return this.#isOver;
  }

  /** An invariant is broken meanwhile: nobody is waited for any more, and `stop` rejects with `error`. */
  breakOff(error: unknown): void {
    this.#broken.reject(error);
  }

  /** What is waited for is left to its host after all. */
  leave(): void {
    this.#leaving.resolve();
  }

  /** `closeDoors` ends the control when everything has ended that somebody may want to look at, or to cancel. */
  async stop(how: StopHow, closeDoors: () => Promise<void>): Promise<Stopped> {
    this.#beat();
    try {
      return await Promise.race([this.#end(how, closeDoors), this.#broken.promise]);
    } finally {
      this.#heart?.cancel();
    }
  }

  async #end(how: StopHow, closeDoors: () => Promise<void>): Promise<Stopped> {
    await this.#stopDeciding();
    const ended = await this.#endAll(how);
    const left = ended === 'leave' ? this.#house.ledger.attempts.open().length : 0;
    await closeDoors();
    await this.#close(ended);
    return { how: ended, left };
  }

  async #stopDeciding(): Promise<void> {
    const services = this.#services;
    services.scheduler.stop();
    services.events.hold();
    services.watchdog.stop();
    await this.#soon(
      Promise.all([
        services.configWatch.stop(),
        services.flagWatch.stop(),
        services.issueWatch.stop(),
        services.credentialWatch.stop(),
        services.results.stop(),
        services.silences.stop(),
        services.janitor.stop(),
        services.dispatcher.stop().then(async () => services.launcher.settled()),
      ]),
    );
  }

  async #endAll(how: StopHow): Promise<StopHow['kind']> {
    const { stops } = this.#services;
    if (how.kind === 'leave') {
      return 'leave';
    }
    if (how.kind === 'kill') {
      await this.#soon(stops.killAll());
      await this.#soon(stops.allEnded());
      return 'kill';
    }
    const { clock, fleet } = this.#house;
    await this.#soon(stops.stopSafety());
    const late = clock.after(how.timeoutMs, () => {
      stops.stop({ kind: 'drain' }, () => true).catch(this.#parts.fail);
    });
    const graceMs = Math.max(0, ...fleet.now.agents.map((agent) => agent.gracePeriodMs));
    const left = this.#leaving.promise.then(() => 'leave' as const);
    const ended = stops.allEnded().then(() => 'drain' as const);
    // With a full disk nothing would ever be recorded as ended.
    const end = await within(clock, Promise.race([left, ended]), how.timeoutMs + graceMs + RECORD_MS);
    late.cancel();
    return end ?? 'drain';
  }

  async #close(how: StopHow['kind']): Promise<void> {
    const { ledger, host } = this.#house;
    const { recorder, upkeep, monitor, analyst, outbox, supervisor, events } = this.#services;
    recorder.giveUp();
    await this.#soon(Promise.all([upkeep.stop(), monitor.stop(), analyst.stop()]));
    await outbox.stop();
    supervisor.close();
    await this.#soon(events.close());
    this.#tryTo(() => {
      recorder.commit('daemon', (note) => {
        note({ kind: 'daemon.stopped', how });
      });
    });
    this.#tryTo(() => {
      ledger.upkeep.checkpoint();
    });
    await this.#soon(host.close(how === 'leave' ? 'leave' : 'end'));
    this.#tryTo(() => {
      ledger.close();
    });
    this.#isOver = true;
  }

  async #soon(work: Promise<unknown>): Promise<void> {
    await within(this.#house.clock, work, RECORD_MS);
  }

  #beat(): void {
    this.#heart = this.#house.clock.after(BEAT_MS, () => {
      this.#parts.passed();
      this.#beat();
    });
  }

  /** One of the last things done: the others are done also where the disk is full. */
  #tryTo(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#parts.fail(error);
    }
  }
}
