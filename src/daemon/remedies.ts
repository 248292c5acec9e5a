// Carries out what was suggested for an alert: judged again first, begun in the ledger before, told after, and never twice.

import type { Alert } from '../core/alert/alert.ts';
import type { Suggestion } from '../core/alert/conversation.ts';
import { judgeOffer } from '../core/alert/remedy.ts';
import { personFlagText } from '../core/pause/flag-text.ts';
import { messageOf, OperationalError } from '../lib/operational-error.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Control, ControlRefusal, RequestReply } from '../ports/control.ts';
import { reachNow } from './alert-context.ts';
import type { House } from './house.ts';
import { isRefusal } from './lookup.ts';
import { factSubject } from './alert-facts.ts';
import type { Recorder } from './recorder.ts';

/** The verbs of an operator that remedies use: nothing is done that a person could not do. */
export type RemedyVerbs = Pick<Control, 'run' | 'retry' | 'cancel' | 'release' | 'breaker' | 'resumed'>;

/** What remedies need beside the house. */
export interface RemediesParts {
  readonly recorder: Recorder;
  readonly verbs: () => RemedyVerbs;
}

type Needs = Pick<House, 'ledger' | 'fleet' | 'clock' | 'pauseFlags'>;

interface Came {
  readonly ok: boolean;
  readonly result: string;
}

/** Carries out suggestions. */
export class Remedies {
  readonly #house: Needs;
  readonly #parts: RemediesParts;

  constructor(house: Needs, parts: RemediesParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Resolves when it is done and told. `by`: who decided. Rejects only with what ends the daemon. */
  async carryOut(alert: Alert, suggestion: Suggestion, by: string): Promise<void> {
    const { clock } = this.#house;
    // Begun first: after a crash it stays begun, and a person looks; done twice could be worse than not at all.
    if (!this.#begin(suggestion, by)) {
      return;
    }
    const came = await this.#attempt(alert, suggestion, by);
    const { action, target, number } = suggestion;
    await this.#parts.recorder.insist('operator', (note) => {
      const { alerts } = this.#house.ledger;
      const at = clock.now();
      alerts.settle({ ...suggestion, state: came.ok ? 'done' : 'failed', at, by, result: came.result });
      const text = `${number}. ${action} ${target}, by ${by}: ${came.result}`;
      alerts.say({ alert: alert.id, at, author: 'factory', by, text });
      note({
        kind: 'alert.remedied',
        ...factSubject(this.#house, alert),
        alert: alert.id,
        action,
        target,
        by,
        ...came,
      });
    });
  }

  #begin(suggestion: Suggestion, by: string): boolean {
    const { ledger, clock } = this.#house;
    return this.#parts.recorder.commit('operator', () => {
      const now = ledger.alerts.suggestions(suggestion.alert).find(({ number }) => number === suggestion.number);
      if (now?.state !== 'offered') {
        return false;
      }
      ledger.alerts.settle({ ...suggestion, state: 'begun', at: clock.now(), by });
      return true;
    });
  }

  async #attempt(alert: Alert, suggestion: Suggestion, by: string): Promise<Came> {
    // What lived when it was suggested may be gone.
    const verdict = judgeOffer(suggestion, reachNow(this.#house, alert));
    if (verdict.kind === 'dropped') {
      return { ok: false, result: verdict.why };
    }
    try {
      return await this.#act(alert, suggestion, by);
    } catch (error) {
      if (error instanceof OperationalError && error.code !== 'fenced') {
        return { ok: false, result: messageOf(error) };
      }
      throw error;
    }
  }

  async #act(alert: Alert, suggestion: Suggestion, by: string): Promise<Came> {
    const verbs = this.#parts.verbs();
    const { action, target, why, number } = suggestion;
    const key = `alert-${alert.id}-${number}-${alert.openedAt}`;
    const reason = `alert ${alert.id}: ${why}`;
    switch (action) {
      case 'run_agent':
        return cameOf(await verbs.run(target, { key }), requested);
      case 'retry_run':
        return cameOf(await verbs.retry(target, key), requested);
      case 'cancel_run':
        return cameOf(await verbs.cancel(target), (run) => `${run.id} is being ended`);
      case 'release_agent':
        return cameOf(await verbs.release(target), ({ released }) => (released ? 'released' : 'it was not held'));
      case 'reset_breaker':
        return cameOf(await verbs.breaker(target, 'reset', { by, reason }), ({ state }) => `the breaker is ${state}`);
      case 'pause_project':
        return this.#pause(target, by, reason);
      case 'resume_project':
        return this.#resume(target, by);
      default:
        return unreachable(action);
    }
  }

  async #pause(project: string, by: string, reason: string): Promise<Came> {
    const flags = this.#house.pauseFlags.now;
    const path = flags.path(project);
    const text = personFlagText({ by, reason, at: this.#house.clock.now(), until: null }, { name: project, path });
    const touched = await flags.touchPauseFlag({ name: project, text, own: null });
    return { ok: true, result: touched.kind === 'written' ? `paused: ${path}` : `was paused already: ${path}` };
  }

  async #resume(project: string, by: string): Promise<Came> {
    const removed = await this.#house.pauseFlags.now.removePauseFlag(project, 'any');
    if (removed !== 'removed') {
      return { ok: true, result: 'there was no pause flag' };
    }
    return cameOf(await this.#parts.verbs().resumed(project, by), () => 'the pause flag is removed');
  }
}

function cameOf<View extends object>(view: View | ControlRefusal, words: (view: View) => string): Came {
  return isRefusal(view) ? { ok: false, result: view.refused.message } : { ok: true, result: words(view) };
}

function requested({ run, decision }: RequestReply): string {
  return `${run.id} ${decision}`;
}
