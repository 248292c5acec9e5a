// Looks for what a person should know of, opens one alert for it, tells it, and closes it when it is over.

import type { Sign } from '../core/alert/alert.ts';
import { planAlerts } from '../core/alert/plan.ts';
import type { AlertStep } from '../core/alert/plan.ts';
import type { Timer } from '../ports/clock.ts';
import { closeAlert, factSubject } from './alert-facts.ts';
import type { AlertPicture } from './alert-picture.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';
import type { Note, Recorder } from './recorder.ts';

/** What the monitor needs beside the house. */
export interface MonitorParts {
  readonly recorder: Recorder;
  readonly picture: AlertPicture;
  readonly notices: Notices;
  /** Reactions or questions may be due. */
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** One look every [alerts] analysis_interval_secs, the first one interval after the start. */
export class Monitor {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #parts: MonitorParts;
  #timer: Timer | null = null;
  #working: Promise<void> | null = null;
  #stopped = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, parts: MonitorParts) {
    this.#house = house;
    this.#parts = parts;
  }

  start(): void {
    this.#parts.picture.start();
    this.#arm();
  }

  /** Resolves when no look is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#parts.picture.stop();
    await this.#working;
  }

  /** One look now; a second call meanwhile waits for the same. */
  async cycle(): Promise<void> {
    this.#working ??= this.#look().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  #arm(): void {
    if (this.#stopped) {
      return;
    }
    this.#timer = this.#house.clock.after(this.#house.fleet.now.alerts.intervalMs, () => {
      // A look that fails is told, and the next one comes all the same.
      this.cycle()
        .catch(this.#parts.fail)
        .finally(() => {
          this.#arm();
        });
    });
  }

  async #look(): Promise<void> {
    const { ledger, fleet } = this.#house;
    if (!fleet.now.alerts.enabled) {
      return;
    }
    const picture = await this.#parts.picture.take();
    if (this.#stopped) {
      return;
    }
    const planned = planAlerts(picture, { pending: ledger.alerts.pending(), active: ledger.alerts.active() });
    if (planned.length === 0) {
      return;
    }
    this.#parts.recorder.commit('daemon', (note) => {
      for (const step of planned) {
        this.#carryOut(step, picture.now, note);
      }
    });
    this.#parts.wake();
  }

  #carryOut(step: AlertStep, now: number, note: Note): void {
    const { alerts } = this.#house.ledger;
    switch (step.kind) {
      case 'wait':
        alerts.setPending(step);
        return;
      case 'forget':
        alerts.removePending(step);
        return;
      case 'open':
        this.#open(step.sign, now, note);
        return;
      case 'renew': {
        const { severity, text, numbers, command, runs } = step.sign;
        alerts.update(step.id, { severity, text, numbers, command, runs });
        return;
      }
      case 'clearing':
        alerts.update(step.id, { clearSince: step.since });
        return;
      case 'close': {
        const alert = alerts.get(step.id);
        if (alert !== null) {
          closeAlert(this.#house, this.#parts.notices, { alert, change: { end: step.end, closedAt: now }, note });
        }
      }
    }
  }

  #open({ level: _level, ...sign }: Sign, now: number, note: Note): void {
    const { ledger, fleet } = this.#house;
    const alert = ledger.alerts.insert({ ...sign, openedAt: now });
    const { id, rule, severity, text } = alert;
    note({ kind: 'alert.opened', ...factSubject(this.#house, alert), alert: id, rule, severity, text });
    if (fleet.now.ai !== null) {
      ledger.alerts.ask(id, { at: now, failures: 0 });
    }
    this.#parts.notices.tell('opened', alert);
  }
}
