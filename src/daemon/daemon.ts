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
import type { DaemonFacts } from './status.ts';

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

/** How a daemon ends: `leave` leaves agents to their host, `drain` waits for them, `kill` ends them now. */
export type StopHow =
  | { readonly kind: 'leave' }
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  | { readonly kind: 'kill' };

/** How long an end is waited for that has come and cannot be recorded. */
const RECORD_MS = 3000;

/** Before the host was asked. */
const UNKNOWN: AttemptEnforcement = { memory: 'none', cpu: 'none', pids: 'none', cpuQuota: 'none', tree: 'marker' };

/** One running factory. */
export class Daemon {
  readonly control: Control;
  readonly services: Services;
  private readonly input: DaemonInput;
  private readonly facts: DaemonFacts;
  private draining = false;
  private stopping = false;

  constructor(input: DaemonInput) {
    this.input = input;
    const { house, hostName, load, passed = () => undefined } = input;
    const isDraining = (): boolean => this.draining;
    const fail = (error: unknown): void => {
      this.onFailure(error);
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
    this.facts = {
      startedAt: house.clock.now(),
      configPath: input.configPath,
      configLoadedAt: () => this.services.fleetSwitch.loadedAt,
      limits: UNKNOWN,
      isDraining,
    };
    this.control = new Operator(house, {
      ...this.services,
      facts: this.facts,
      requests: new Requests(house, this.services),
      drain: (asked) => {
        this.drain(asked);
      },
      issues: input.issues,
    });
  }

  /** Recovers, then begins to decide. Resolves when everything that was open is settled or adopted. */
  async start(): Promise<void> {
    const { house } = this.input;
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
    this.draining = house.ledger.states.get('drain', 'factory') === true;
    preparePauseDir(house);
    recorder.commit('daemon', (note) => {
      adoptConfiguration(house, breakers, note);
    });
    const held = await recovery.recover();
    events.begin();
    this.facts.limits = await house.host.enforcement();
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

  /** Stops deciding; what lives is left, waited for or ended. Everything told is committed before this resolves. */
  async stop(how: StopHow): Promise<void> {
    this.stopping = true;
    const { house } = this.input;
    const { scheduler, flagWatch, issueWatch, watchdog, dispatcher, launcher, outbox, supervisor, events, recorder } =
      this.services;
    scheduler.stop();
    events.hold();
    await this.services.configWatch.stop();
    await flagWatch.stop();
    await issueWatch.stop();
    await this.services.credentialWatch.stop();
    await this.services.results.stop();
    await this.services.silences.stop();
    await this.services.janitor.stop();
    watchdog.stop();
    await dispatcher.stop();
    await this.within(launcher.settled(), RECORD_MS);
    await this.endAll(how);
    recorder.giveUp();
    await this.services.upkeep.stop();
    await this.services.monitor.stop();
    await this.services.analyst.stop();
    await outbox.stop();
    supervisor.close();
    await events.close();
    this.tryTo(() => {
      recorder.commit('daemon', (note) => {
        note({ kind: 'daemon.stopped', how: how.kind });
      });
    });
    this.tryTo(() => {
      house.ledger.upkeep.checkpoint();
    });
    await house.host.close(how.kind === 'leave' ? 'leave' : 'end');
    this.tryTo(() => {
      house.ledger.close();
    });
  }

  /** The wish of a second Ctrl-C: every tree is ended at once. */
  async killAll(): Promise<void> {
    await this.services.stops.killAll();
  }

  private async endAll(how: StopHow): Promise<void> {
    const { stops } = this.services;
    if (how.kind === 'leave') {
      return;
    }
    if (how.kind === 'kill') {
      await stops.killAll();
      await this.within(stops.allEnded(), RECORD_MS);
      return;
    }
    await stops.stopSafety();
    const late = this.input.house.clock.after(how.timeoutMs, () => {
      stops
        .stop({ kind: 'drain' }, () => true)
        .catch((error: unknown) => {
          this.onFailure(error);
        });
    });
    const graceMs = Math.max(0, ...this.input.house.fleet.now.agents.map((agent) => agent.gracePeriodMs));
    await this.within(stops.allEnded(), how.timeoutMs + graceMs + RECORD_MS);
    late.cancel();
  }

  /** Waits for `work`, but no longer than `ms`: with a full disk nothing would ever be recorded as ended. */
  private async within(work: Promise<void>, ms: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = this.input.house.clock.after(ms, resolve);
      work.then(resolve, reject).finally(() => {
        timer.cancel();
      });
    });
  }

  /** One of the last things done: the others are done also where the disk is full. */
  private tryTo(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.onFailure(error);
    }
  }

  private drain(asked: { readonly end: boolean; readonly by: string }): void {
    const wanted = !asked.end;
    this.services.recorder.commit('operator', (note) => {
      this.input.house.ledger.states.set('drain', 'factory', wanted);
      note({ kind: wanted ? 'drain.started' : 'drain.ended', by: asked.by });
    });
    this.draining = wanted;
    this.services.wake();
  }

  private onFailure(error: unknown): void {
    if (error instanceof OperationalError && error.code !== 'fenced') {
      this.input.warn(messageOf(error));
    } else if (!this.stopping) {
      this.input.fatal(error);
    }
  }
}
