// Has alerts explained and replies answered by the model: one question at a time, beside everything else, within its budget.

import type { Alert } from '../core/alert/alert.ts';
import type { Answer } from '../core/alert/answer.ts';
import { readAnswer } from '../core/alert/answer.ts';
import type { Suggestion } from '../core/alert/conversation.ts';
import { questionOf } from '../core/alert/question.ts';
import { judgeOffer } from '../core/alert/remedy.ts';
import { backoffMs } from '../core/react/backoff.ts';
import { redact } from '../core/redact.ts';
import { formatUtc } from '../lib/utc.ts';
import type { OpenQuestion } from '../ports/alert-store.ts';
import type { Model, ModelReply } from '../ports/model.ts';
import { contextOf, reachNow } from './alert-context.ts';
import type { ContextParts } from './alert-context.ts';
import type { House } from './house.ts';
import { factSubject } from './alert-facts.ts';
import type { Notices } from './notices.ts';
import type { Note, Recorder } from './recorder.ts';
import type { Remedies } from './remedies.ts';
import { Turns } from './turns.ts';

/** A question is asked so often at most; then a person may ask again. */
const MOST_TRIES = 3;
/** Things said before that are looked at. */
const MESSAGES = 50;
const DAY_MS = 86_400_000;
/** Pause after a turn that failed. */
const RETRY_MS = 30_000;
/** The first retry comes after this many doublings of a second. */
const FIRST_DOUBLINGS = 3;

/** What the analyst needs beside the house. */
export interface AnalystParts extends ContextParts {
  readonly recorder: Recorder;
  readonly notices: Notices;
  readonly remedies: Remedies;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

type Needs = Pick<House, 'clock' | 'ledger' | 'fleet' | 'machine' | 'files' | 'alerting' | 'chance'>;

/** Asks the model. */
export class Analyst {
  readonly #house: Needs;
  readonly #parts: AnalystParts;
  readonly #turns: Turns;
  readonly #ending = new AbortController();

  constructor(house: Needs, parts: AnalystParts) {
    this.#house = house;
    this.#parts = parts;
    this.#turns = new Turns(house.clock, async () => this.#turn());
  }

  /** A question may be there. */
  wake(): void {
    this.#turns.wake();
  }

  /** Nothing is asked after this; the question under way is given up and asked again by the next daemon. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#turns.stop();
  }

  /** What fails (a ledger that cannot be written) is told, and leaves the question as it is. */
  async #turn(): Promise<number | null> {
    try {
      return await this.#work();
    } catch (error) {
      this.#parts.fail(error);
      return RETRY_MS;
    }
  }

  /** One turn; answers after how many ms the next one should come, null: only when woken. */
  async #work(): Promise<number | null> {
    const { ledger, clock, alerting } = this.#house;
    const { model } = alerting;
    const question = ledger.alerts.nextQuestion();
    if (model === null || question === null || this.#ending.signal.aborted) {
      return null;
    }
    if (question.at > clock.now()) {
      return question.at - clock.now();
    }
    const alert = ledger.alerts.get(question.alert);
    if (alert === null || this.#waitsForTomorrow(question)) {
      return 0;
    }
    const reply = await this.#ask(model, alert);
    if (!this.#ending.signal.aborted) {
      await this.#remedy(alert, this.#keep({ alert, question, model, reply }));
      this.#parts.wake();
    }
    return 0;
  }

  async #ask(model: Model, alert: Alert): Promise<ModelReply> {
    const { ledger } = this.#house;
    const question = questionOf({
      alert,
      context: await contextOf(this.#house, this.#parts, alert),
      reach: reachNow(this.#house, alert),
      messages: ledger.alerts.messages(alert.id, MESSAGES),
      suggestions: ledger.alerts.suggestions(alert.id),
      secrets: this.#parts.secrets(),
    });
    return model.ask(question, this.#ending.signal);
  }

  /** True when today's tokens are used up: the question is put off to tomorrow. */
  #waitsForTomorrow({ alert, failures }: OpenQuestion): boolean {
    const { ledger, clock, fleet } = this.#house;
    const now = clock.now();
    const limit = fleet.now.ai?.dailyTokens ?? 0;
    if (ledger.alerts.tokens(dayOf(now)) < limit) {
      return false;
    }
    const retryAt = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
    const message = `the ${limit} tokens of today ([ai] daily_tokens) are used up`;
    this.#parts.recorder.commit('daemon', (note) => {
      ledger.alerts.ask(alert, { at: retryAt, failures });
      const about = ledger.alerts.get(alert);
      note({
        kind: 'alert.unexplained',
        ...(about === null ? {} : factSubject(this.#house, about)),
        alert,
        message,
        retryAt,
      });
    });
    return true;
  }

  /** Writes down what came of a question; answers the suggestions that were kept. */
  #keep(given: Asked): readonly Suggestion[] {
    const { reply } = given;
    const answer = reply.kind === 'answered' ? readAnswer(reply.text) : null;
    return this.#parts.recorder.commit('daemon', (note) => {
      if (reply.kind === 'answered') {
        this.#house.ledger.alerts.addTokens(dayOf(this.#house.clock.now()), reply.tokens);
      }
      if (answer !== null) {
        return this.#answered(given, answer, note);
      }
      const useless = { permanent: false, message: 'the model answered nothing of use', retryAt: null };
      this.#failed(given, reply.kind === 'failed' ? reply : useless, note);
      return [];
    });
  }

  #answered({ alert, question, model, reply }: Asked, answer: Answer, note: Note): readonly Suggestion[] {
    const { ledger, clock } = this.#house;
    const { id } = alert;
    const secrets = this.#parts.secrets();
    const at = clock.now();
    const reach = reachNow(this.#house, alert);
    const verdicts = answer.offers.map((offer) => judgeOffer(offer, reach));
    const explanation = redact(answer.explanation, secrets);
    const isFirst = !ledger.alerts.messages(id, MESSAGES).some(({ author }) => author === 'model');
    ledger.alerts.say({ alert: id, at, author: 'model', by: model.name, text: explanation });
    const kept: Suggestion[] = [];
    const known = ledger.alerts.suggestions(id).filter(({ state }) => state === 'offered');
    for (const verdict of verdicts) {
      if (verdict.kind === 'valid') {
        const { action, target } = verdict;
        // What is offered already is not offered twice.
        const same = known.find((each) => each.action === action && each.target === target);
        kept.push(same ?? ledger.alerts.suggest({ alert: id, action, target, why: redact(verdict.why, secrets), at }));
      } else {
        const text = `a suggestion was left out: ${redact(verdict.why, secrets)}`;
        ledger.alerts.say({ alert: id, at, author: 'factory', by: model.name, text });
      }
    }
    this.#settle(question, null);
    const tokens = reply.kind === 'answered' ? reply.tokens : 0;
    note({ kind: 'alert.explained', ...factSubject(this.#house, alert), alert: id, suggestions: kept.length, tokens });
    // The answer to a reply is for who replied; and who dismissed or closed it meanwhile wants to hear no more.
    const state = ledger.alerts.get(id)?.state;
    if (isFirst && (state === 'open' || state === 'acked')) {
      this.#parts.notices.tell('explained', alert, { explanation, suggestions: kept });
    }
    return kept;
  }

  #failed({ alert, question }: Asked, reply: FailedReply, note: Note): void {
    const { ledger, clock, chance } = this.#house;
    const failures = question.failures + 1;
    const at = clock.now();
    const isOver = reply.permanent || failures >= MOST_TRIES;
    const retryAt = isOver
      ? null
      : Math.max(at + backoffMs(failures + FIRST_DOUBLINGS, chance.random()), reply.retryAt ?? 0);
    const message = redact(reply.message, this.#parts.secrets());
    this.#settle(question, retryAt === null ? null : { at: retryAt, failures });
    if (isOver) {
      const text = `no answer: ${message}; adf alerts reply ${alert.id} asks again`;
      ledger.alerts.say({ alert: alert.id, at, author: 'factory', by: 'the daemon', text });
    }
    note({ kind: 'alert.unexplained', ...factSubject(this.#house, alert), alert: alert.id, message, retryAt });
  }

  /** A reply that came while the model thought is a question of its own, and stays. */
  #settle(asked: OpenQuestion, next: { readonly at: number; readonly failures: number } | null): void {
    const { alerts } = this.#house.ledger;
    if (alerts.questionOf(asked.alert)?.at === asked.at) {
      alerts.ask(asked.alert, next);
    }
  }

  /** Carries out what [auto_remediate] allows, within its bound. */
  async #remedy(alert: Alert, offered: readonly Suggestion[]): Promise<void> {
    const { ledger, fleet, clock } = this.#house;
    const { allowed, maxPerDay } = fleet.now.autoRemediate;
    for (const suggestion of offered) {
      const used = ledger.alerts.carriedOut(AUTOMATIC, clock.now() - DAY_MS);
      if (allowed[alert.rule].includes(suggestion.action) && used < maxPerDay && this.#isOpen(alert.id)) {
        await this.#parts.remedies.carryOut(alert, suggestion, AUTOMATIC);
      }
    }
  }

  /** What a person acknowledged, dismissed or closed is a person's. */
  #isOpen(id: string): boolean {
    return this.#house.ledger.alerts.get(id)?.state === 'open';
  }
}

/** Who carries out what nobody was asked for. */
const AUTOMATIC = 'auto_remediate';

type FailedReply = Pick<Extract<ModelReply, { readonly kind: 'failed' }>, 'permanent' | 'message' | 'retryAt'>;

interface Asked {
  readonly alert: Alert;
  readonly question: OpenQuestion;
  readonly model: Model;
  readonly reply: ModelReply;
}

function dayOf(at: number): string {
  return formatUtc(at).slice(0, 10);
}
