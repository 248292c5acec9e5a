// Where alerts are kept: part of the ledger, with all that was said and done about them.

import type { Alert } from '../core/alert/alert.ts';
import type { AlertMessage, Suggestion } from '../core/alert/conversation.ts';
import type { Pending } from '../core/alert/plan.ts';

/** An alert before it has an id. */
export type NewAlert = Pick<
  Alert,
  'rule' | 'subject' | 'severity' | 'text' | 'numbers' | 'command' | 'runs' | 'openedAt'
>;

/** What may change of an alert. */
export type AlertPatch = Partial<
  Pick<
    Alert,
    'severity' | 'text' | 'numbers' | 'command' | 'runs' | 'state' | 'clearSince' | 'closedAt' | 'end' | 'by' | 'reason'
  >
>;

/** A question to the model that waits: the alert's first, or a person's reply. */
export interface OpenQuestion {
  readonly alert: string;
  /** Epoch ms from which it may be asked. */
  readonly at: number;
  /** How often it was asked in vain. */
  readonly failures: number;
}

/** Alerts. One that is not closed is the only one of its rule and subject. */
export interface AlertStore {
  insert(alert: NewAlert): Alert;
  get(id: string): Alert | null;
  /** Every alert that is not closed, oldest first. */
  active(): readonly Alert[];
  /** Newest first, closed ones too. */
  list(limit: number): readonly Alert[];
  update(id: string, patch: AlertPatch): void;
  pending(): readonly Pending[];
  setPending(pending: Pending): void;
  removePending(of: Pick<Pending, 'rule' | 'subject'>): void;
  say(message: AlertMessage): void;
  /** Oldest first; of many the newest `limit`. */
  messages(alert: string, limit: number): readonly AlertMessage[];
  /** Adds one, numbered within its alert. */
  suggest(suggestion: Pick<Suggestion, 'alert' | 'action' | 'target' | 'why' | 'at'>): Suggestion;
  suggestions(alert: string): readonly Suggestion[];
  settle(suggestion: Suggestion): void;
  /** How many suggestions were carried out by `by` since `since` (epoch ms). */
  carriedOut(by: string, since: number): number;
  /** Sets the question of an alert; null: there is none any more. */
  ask(alert: string, question: Omit<OpenQuestion, 'alert'> | null): void;
  /** The question that may be asked first; of several the oldest. */
  nextQuestion(): OpenQuestion | null;
  questionOf(alert: string): OpenQuestion | null;
  /** Tokens used on a day (`2026-11-21`, UTC). */
  tokens(day: string): number;
  addTokens(day: string, tokens: number): void;
}
