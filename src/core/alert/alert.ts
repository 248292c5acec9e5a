// What an alert is: one condition of one subject that a person should know of, from its beginning to its end.

import type { AgentKey, ProjectId, RunId } from '../ids.ts';

/** What is watched. */
export type AlertRule =
  | 'agent_down'
  | 'restart_storm'
  | 'error_burst'
  | 'breaker_open'
  | 'flag_unwritable'
  | 'budget_near'
  | 'disk_low'
  | 'drift_old'
  | 'scheduler_lag';

/** Whom it is about. */
export type AlertSubject =
  | { readonly kind: 'agent'; readonly name: AgentKey }
  | { readonly kind: 'project'; readonly name: ProjectId }
  | { readonly kind: 'factory' };

/** `critical`: work stands still until somebody acts. */
export type Severity = 'critical' | 'warning';

/** What a rule says of a subject, as far as it is not simply well. */
export interface Sign {
  readonly rule: AlertRule;
  readonly subject: AlertSubject;
  readonly severity: Severity;
  /**
   * `over`: at or over the limit. `between`: neither bad enough to open nor good enough to close. `unknown`: could not be
   * looked at. Neither of the last two changes what is.
   */
  readonly level: 'over' | 'between' | 'unknown';
  /** One sentence with the numbers, and no instants: it must not change while nothing changes. */
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** What to type to see more, or to end it. */
  readonly command: string;
  /** Runs that show it, newest first. */
  readonly runs: readonly RunId[];
}

/** Where an alert stands. `dismissed`: true, and nobody wants to hear of it until it is over. */
export type AlertState = 'open' | 'acked' | 'dismissed' | 'closed';

/** Why it ended: its condition is over, its subject is gone, or a person says so. */
export type AlertEnd = 'over' | 'gone' | 'resolved';

/** An alert as the ledger keeps it. All instants are epoch ms. */
export interface Alert extends Omit<Sign, 'level'> {
  /** `a1`, `a2`, … in order of creation. */
  readonly id: string;
  readonly state: AlertState;
  readonly openedAt: number;
  /** Since when its condition is not seen any more; null: it is. */
  readonly clearSince: number | null;
  readonly closedAt: number | null;
  readonly end: AlertEnd | null;
  /** Who gave it its present state, and why. */
  readonly by: string | null;
  readonly reason: string | null;
}

/** The most runs that an alert names. */
export const MAX_ALERT_RUNS = 5;

/** `agent web/steward`, `project web`, `factory`: unique, for keys and for people. */
export function subjectText(subject: AlertSubject): string {
  return subject.kind === 'factory' ? 'factory' : `${subject.kind} ${subject.name}`;
}

/** One (rule, subject): of each there is one open alert at most. */
export function watchKey(of: { readonly rule: AlertRule; readonly subject: AlertSubject }): string {
  return `${of.rule} ${subjectText(of.subject)}`;
}
