// Whom the facts of an alert are about, and the one way in which an alert ends.

import type { Alert, AlertEnd } from '../core/alert/alert.ts';
import type { FactSubject } from '../core/run/facts.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';
import type { Note } from './recorder.ts';

/** Inside a transaction: `alert` is over. Who dismissed it does not want to hear that either. */
export function closeAlert(
  house: Pick<House, 'ledger' | 'fleet'>,
  notices: Notices,
  given: {
    readonly alert: Alert;
    readonly change: Pick<Alert, 'closedAt'> & { readonly end: AlertEnd } & Partial<Pick<Alert, 'by' | 'reason'>>;
    readonly note: Note;
  },
): void {
  const { alert, change, note } = given;
  const patch = { ...change, state: 'closed' } as const;
  house.ledger.alerts.update(alert.id, patch);
  house.ledger.alerts.ask(alert.id, null);
  note({ kind: 'alert.closed', ...factSubject(house, alert), alert: alert.id, rule: alert.rule, end: change.end });
  if (alert.state !== 'dismissed') {
    notices.tell('closed', { ...alert, ...patch });
  }
}

/** Whom the facts of `alert` are about. */
export function factSubject(house: Pick<House, 'fleet'>, { subject }: Pick<Alert, 'subject'>): FactSubject {
  if (subject.kind === 'project') {
    return { project: subject.name };
  }
  if (subject.kind === 'factory') {
    return {};
  }
  const project = house.fleet.agent(subject.name)?.project ?? null;
  return { agent: subject.name, ...(project === null ? {} : { project }) };
}
