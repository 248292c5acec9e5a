// What a person asks of alerts: the list, one with its conversation, a reply, a move, and having a suggestion carried out.

import type { Alert } from '../core/alert/alert.ts';
import { subjectText } from '../core/alert/alert.ts';
import type { Suggestion } from '../core/alert/conversation.ts';
import { REOPEN_AFTER_MS } from '../core/alert/settings.ts';
import { cutMiddle } from '../lib/cut-text.ts';
import type { AlertControl, AlertDetail, AlertMove, AlertView, Explaining } from '../ports/alert-views.ts';
import type { ControlRefusal } from '../ports/control.ts';
import { redact } from '../core/redact.ts';
import type { House } from './house.ts';
import { refusal } from './lookup.ts';
import { closeAlert, factSubject } from './alert-facts.ts';
import type { Notices } from './notices.ts';
import type { Recorder } from './recorder.ts';
import type { Remedies } from './remedies.ts';

/** Messages shown of one alert, newest kept. */
const MESSAGES_SHOWN = 200;
/** Bytes of a reply at most. */
const REPLY_BYTES = 4000;

/** What the desk needs beside the house. */
export interface DeskParts {
  readonly recorder: Recorder;
  readonly notices: Notices;
  readonly remedies: Remedies;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
  readonly wake: () => void;
}

type Needs = Pick<House, 'clock' | 'ledger' | 'fleet' | 'alerting'>;

/** The daemon's side of `AlertControl`. */
export class AlertDesk implements AlertControl {
  readonly #house: Needs;
  readonly #parts: DeskParts;

  constructor(house: Needs, parts: DeskParts) {
    this.#house = house;
    this.#parts = parts;
  }

  async alerts(filter: { readonly all: boolean; readonly limit: number }): Promise<readonly AlertView[]> {
    const { alerts } = this.#house.ledger;
    const found = filter.all ? alerts.list(filter.limit) : alerts.active().toReversed().slice(0, filter.limit);
    return Promise.resolve(found.map(viewOf));
  }

  async alert(id: string): Promise<AlertDetail | ControlRefusal> {
    const alert = this.#house.ledger.alerts.get(id);
    return Promise.resolve(alert === null ? unknown(id) : this.#detail(alert));
  }

  async alertReply(
    id: string,
    input: { readonly by: string; readonly text: string },
  ): Promise<AlertDetail | ControlRefusal> {
    const { ledger, clock, alerting } = this.#house;
    const alert = ledger.alerts.get(id);
    if (alert === null) {
      return unknown(id);
    }
    if (alerting.model === null) {
      const text = `agents.toml has no [ai] with endpoint and model, so nobody would answer: adf explain ai`;
      return refusal('ai.none', text);
    }
    this.#parts.recorder.commit('operator', () => {
      const text = cutMiddle(redact(input.text, this.#parts.secrets()), REPLY_BYTES);
      // Later than a question that is under way, so that its answer does not settle this one.
      const at = Math.max(clock.now(), (ledger.alerts.questionOf(id)?.at ?? 0) + 1);
      ledger.alerts.say({ alert: id, at: clock.now(), author: 'operator', by: input.by, text });
      ledger.alerts.ask(id, { at, failures: 0 });
    });
    this.#parts.wake();
    return Promise.resolve(this.#detail(alert));
  }

  async alertMove(
    id: string,
    move: AlertMove,
    input: { readonly by: string; readonly reason: string },
  ): Promise<AlertDetail | ControlRefusal> {
    const alert = this.#house.ledger.alerts.get(id);
    if (alert === null) {
      return unknown(id);
    }
    const wanted = { ack: 'acked', dismiss: 'dismissed', resolve: 'closed' } as const;
    if (alert.state === 'closed' && move !== 'resolve') {
      return refusal('alert.closed', `alert ${id} is over: adf alerts list shows those that are not`);
    }
    if (alert.state !== wanted[move]) {
      this.#move(alert, move, { by: input.by, reason: redact(input.reason, this.#parts.secrets()) || null });
      this.#parts.wake();
    }
    return this.alert(id);
  }

  async alertFix(
    id: string,
    input: { readonly by: string; readonly suggestion: number },
  ): Promise<AlertDetail | ControlRefusal> {
    const alert = this.#house.ledger.alerts.get(id);
    if (alert === null) {
      return unknown(id);
    }
    const chosen = this.#choose(id, input.suggestion);
    if ('refused' in chosen) {
      return chosen;
    }
    await this.#parts.remedies.carryOut(alert, chosen, input.by);
    this.#parts.wake();
    return this.alert(id);
  }

  #choose(id: string, number: number): Suggestion | ControlRefusal {
    const all = this.#house.ledger.alerts.suggestions(id);
    const found =
      number === 0 ? all.find(({ state }) => state === 'offered') : all.find((each) => each.number === number);
    if (found === undefined) {
      const why = all.length === 0 ? 'has no suggestions' : number === 0 ? 'has none left' : `has no number ${number}`;
      return refusal('suggestion.unknown', `alert ${id} ${why}: adf alerts show ${id}`);
    }
    return found.state === 'offered'
      ? found
      : refusal(
          'suggestion.used',
          `suggestion ${number} of ${id} is ${found.state} already: ${found.result ?? 'its end is unknown'}`,
        );
  }

  #move(alert: Alert, move: AlertMove, who: { readonly by: string; readonly reason: string | null }): void {
    const { ledger, clock } = this.#house;
    const { id, rule, subject } = alert;
    this.#parts.recorder.commit('operator', (note) => {
      const fact = { ...factSubject(this.#house, alert), alert: id, by: who.by };
      switch (move) {
        case 'ack':
          ledger.alerts.update(id, { state: 'acked', ...who });
          note({ kind: 'alert.acked', ...fact });
          return;
        case 'dismiss':
          ledger.alerts.update(id, { state: 'dismissed', ...who });
          ledger.alerts.ask(id, null);
          note({ kind: 'alert.dismissed', ...fact });
          this.#parts.notices.tell('dismissed', { ...alert, state: 'dismissed', ...who });
          return;
        case 'resolve': {
          const now = clock.now();
          closeAlert(this.#house, this.#parts.notices, {
            alert,
            change: { end: 'resolved', closedAt: now, ...who },
            note,
          });
          // What still holds in a while is a new alert, and not before.
          ledger.alerts.setPending({ rule, subject, since: now + REOPEN_AFTER_MS });
        }
      }
    });
  }

  #detail(alert: Alert): AlertDetail {
    const { alerts } = this.#house.ledger;
    return {
      alert: viewOf(alert),
      messages: alerts.messages(alert.id, MESSAGES_SHOWN).map(({ alert: _alert, ...message }) => message),
      suggestions: alerts.suggestions(alert.id).map(({ alert: _alert, ...suggestion }) => suggestion),
      explaining: this.#explaining(alert.id),
    };
  }

  #explaining(id: string): Explaining {
    if (this.#house.alerting.model === null) {
      return { kind: 'none' };
    }
    const question = this.#house.ledger.alerts.questionOf(id);
    return question === null ? { kind: 'settled' } : { kind: 'asked', at: question.at, failures: question.failures };
  }
}

function viewOf({ subject, clearSince: _clear, ...alert }: Alert): AlertView {
  return { ...alert, subject: subjectText(subject) };
}

function unknown(id: string): ControlRefusal {
  return refusal('alert.unknown', `there is no alert "${id}": adf alerts list shows those that are open`);
}
