// The coordinator: names the order in which the services start, work and stop.

import { messageOf, OperationalError } from '../lib/operational-error.ts';
import type { AttemptEnforcement } from '../core/run/run.ts';
import type { Control, IssueView } from '../ports/control.ts';
import { adoptConfiguration, preparePauseDir } from './breaker-upkeep.ts';
import type { House } from './house.ts';
import { Operator } from './operator.ts';
import { Requests } from './requests.ts';
import type { LoadedFleet } from './reconciler.ts';
import { makeServices } from './services.ts';
import type { Services } from './services.ts';
import { Shutdown } from './shutdown.ts';
import type { StopHow, Stopped } from './shutdown.ts';
import type { DaemonFacts } from './status.ts';
import { stoppingControl } from './stopping-control.ts';

/** What the composition root decides. */
export interface DaemonInput {
  readonly house: House;
  readonly configPath: string;
  readonly hostName: string;
  /** Reads agents.toml as it is now. */
  readonly load: () => Promise<LoadedFleet>;
  /** Another text as soon as a file of the configuration is another one; without it nothing is watched. */
  readonly fingerprint?: () => string | null;
  readonly issues: () => readonly IssueView[];
  /** An invariant is broken, or another daemon took over: the process must end. */
  readonly fatal: (error: unknown) => void;
  /** A pass of the scheduler was completed. */
  readonly passed?: () => void;
  /** Something outside failed; the service that met it tries again. */
  readonly warn: (message: string) => void;
}

/** Before the host was asked. */
const UNKNOWN: AttemptEnforcement = { memory: 'none', cpu: 'none', pids: 'none', cpuQuota: 'none', tree: 'marker' };

/** One running factory. */
export class Daemon {
  readonly control: Control;
  readonly services: Services;
  readonly #input: DaemonInput;
  readonly #facts: DaemonFacts;
  readonly #shutdown: Shutdown;
  #draining = false;
  #stopping = false;

  constructor(input: DaemonInput) {
    this.#input = input;
    const { house, hostName, load, passed = () => undefined } = input;
    const isDraining = (): boolean => this.#draining;
    const fail = (error: unknown): void => {
      this.failed(error);
    };
    this.services = makeServices({
      house,
      hostName,
      secrets: () => house.secrets.known(),
      load,
      fingerprint: input.fingerprint ?? (() => null),
      isDraining,
      passed,
      fail,
      verbs: () => this.control,
    });
    this.#shutdown = new Shutdown(house, this.services, { passed, fail });
    this.#facts = {
      startedAt: house.clock.now(),
      configPath: input.configPath,
      configLoadedAt: () => this.services.fleetSwitch.loadedAt,
      limits: UNKNOWN,
      isDraining,
      isStopping: () => this.#stopping,
    };
    const operator = new Operator(house, {
      ...this.services,
      facts: this.#facts,
      requests: new Requests(house, this.services),
      drain: (asked) => {
        this.#drain(asked);
      },
      issues: input.issues,
    });
    this.control = stoppingControl(operator, () => this.#stopping);
  }

  /** Recovers, then begins to decide. Resolves when everything that was open is settled or adopted. */
  async start(): Promise<void> {
    const { house } = this.#input;
    const {
      breakers,
      recorder,
      recovery,
      wishes,
      flagWatch,
      issueWatch,
      watchdog,
      scheduler,
      events,
      dispatcher,
      wake,
    } = this.services;
    this.#draining = house.ledger.states.get('drain', 'factory') === true;
    preparePauseDir(house);
    recorder.commit('daemon', (note) => {
      adoptConfiguration(house, breakers, note);
    });
    const held = await recovery.recover();
    events.begin();
    this.#facts.limits = await house.host.enforcement();
    recorder.commit('daemon', (note) => {
      note({ kind: 'daemon.started', version: house.boot.version, pid: house.boot.pid, held });
      wishes.ensure(note);
    });
    flagWatch.start();
    issueWatch.start();
    this.services.credentialWatch.start();
    this.services.results.start();
    this.services.silences.start();
    watchdog.start();
    scheduler.start();
    dispatcher.begin();
    this.services.upkeep.start();
    this.services.janitor.start();
    this.services.configWatch.start();
    this.services.notices.start();
    this.services.monitor.start();
    wake();
  }

  /**
   * Stops deciding; what lives is left, waited for or ended, then `closeDoors` is called. Everything told is committed before
   * this resolves. Rejects with what broke meanwhile: then nothing is ended, and the next daemon adopts.
   */
  async stop(how: StopHow, closeDoors: () => Promise<void> = async () => Promise.resolve()): Promise<Stopped> {
    this.#stopping = true;
    return this.#shutdown.stop(how, closeDoors);
  }

  /** In the middle of a drain: the agents are left to their host after all. */
  leave(): void {
    this.#shutdown.leave();
  }

  /** The wish of a second Ctrl-C: every tree is ended at once. */
  async killAll(): Promise<void> {
    await this.services.stops.killAll();
  }

  /** Something failed: outside (it is told), or here (the daemon ends, or ends what it is at without waiting for anybody). */
  failed(error: unknown): void {
    if (this.#shutdown.isClosed) {
      return;
    }
    if (error instanceof OperationalError && error.code !== 'fenced') {
      this.#input.warn(messageOf(error));
    } else if (this.#stopping) {
      this.#shutdown.breakOff(error);
    } else {
      this.#input.fatal(error);
    }
  }

  #drain(asked: { readonly end: boolean; readonly by: string }): void {
    const wanted = !asked.end;
    this.services.recorder.commit('operator', (note) => {
      this.#input.house.ledger.states.set('drain', 'factory', wanted);
      note({ kind: wanted ? 'drain.started' : 'drain.ended', by: asked.by });
    });
    this.#draining = wanted;
    this.services.wake();
  }
}
