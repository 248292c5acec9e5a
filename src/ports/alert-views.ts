// What an operator can ask of alerts, and the JSON that is answered.

import type { AlertEnd, AlertRule, AlertState, Severity } from '../core/alert/alert.ts';
import type { AlertMessage, Suggestion } from '../core/alert/conversation.ts';
import type { ControlRefusal } from './control-refusal.ts';

/** One line of `alerts list`. Instants are epoch ms. */
export interface AlertView {
  readonly id: string;
  readonly rule: AlertRule;
  /** `agent web/steward`, `project web`, `factory`. */
  readonly subject: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** What to type to see more, or to end it. */
  readonly command: string;
  readonly runs: readonly string[];
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly end: AlertEnd | null;
  /** Who moved it, and why. */
  readonly by: string | null;
  readonly reason: string | null;
}

/** Where the model stands with an alert. `none`: there is no [ai]. */
export type Explaining =
  | { readonly kind: 'none' }
  | { readonly kind: 'settled' }
  | { readonly kind: 'asked'; readonly at: number; readonly failures: number };

/** One alert with all that was said and suggested, oldest first. */
export interface AlertDetail {
  readonly alert: AlertView;
  readonly messages: readonly Omit<AlertMessage, 'alert'>[];
  readonly suggestions: readonly Omit<Suggestion, 'alert'>[];
  readonly explaining: Explaining;
}

/** What a person can do to an alert without a word to the model. */
export type AlertMove = 'ack' | 'dismiss' | 'resolve';

/** The verbs about alerts. Refusals: `alert.unknown`, `alert.closed`, `ai.none`, `suggestion.unknown`, `suggestion.used`. */
export interface AlertControl {
  /** Newest first; only those that are not closed, unless `all`. */
  alerts(filter: { readonly all: boolean; readonly limit: number }): Promise<readonly AlertView[]>;
  alert(id: string): Promise<AlertDetail | ControlRefusal>;
  /** Keeps the reply and has it answered; the answer comes later. */
  alertReply(id: string, input: { readonly by: string; readonly text: string }): Promise<AlertDetail | ControlRefusal>;
  /** Done already is done. */
  alertMove(
    id: string,
    move: AlertMove,
    input: { readonly by: string; readonly reason: string },
  ): Promise<AlertDetail | ControlRefusal>;
  /** Carries out a suggestion (0: the newest that was not). */
  alertFix(
    id: string,
    input: { readonly by: string; readonly suggestion: number },
  ): Promise<AlertDetail | ControlRefusal>;
}
