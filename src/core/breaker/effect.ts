// Makes effects, and names where each stands in the outbox: its target, its lane, and the key that makes it happen once.

import type { ProjectId } from '../ids.ts';
import type { BreakerContext, BreakerFact, Effect, IssueEffect } from './event.ts';
import type { BreakerIncident, OwnFlag } from './state.ts';

/** A fact among the effects. */
export function fact(body: BreakerFact): Effect {
  return { kind: 'fact', fact: body };
}

/** A call to the tracker among the effects. */
export function issueEffect(kind: IssueEffect['kind'], rest: Omit<IssueEffect, 'kind'>): IssueEffect {
  return { kind, ...rest };
}

/** Fingerprint of the issue that a trip of `project` opens. */
export function breakerFingerprint(project: ProjectId): string {
  return `breaker:${project}`;
}

/** Fingerprint of the issue that says that the flag of `project` cannot be written. */
export function flagFingerprint(project: ProjectId): string {
  return `flag:${project}`;
}

/** What closes the escalation of a flag that could not be written, if there is one. */
export function endFlagTrouble(
  flag: OwnFlag,
  context: BreakerContext,
  of: { readonly incident: Pick<BreakerIncident, 'id' | 'flagTroubles'>; readonly why: string },
): readonly Effect[] {
  if (flag.kind !== 'failing') {
    return [];
  }
  const fingerprint = flagFingerprint(context.project);
  return [
    fact({ kind: 'escalation.closed', fingerprint, reason: of.why }),
    issueEffect('close_issue', {
      fingerprint,
      incident: of.incident.id,
      key: `end-${of.incident.flagTroubles}`,
      note: { kind: 'flag_no_longer_failing', why: of.why },
    }),
  ];
}

/** A place in the outbox. Rows of one lane are carried out in order; a second row with the same key is the first one. */
export interface OutboxPlace {
  readonly target: 'flag' | 'tracker';
  readonly lane: string;
  /** The incident: a call that is refused for good holds up only what else is to be said about it. */
  readonly unit: string;
  readonly naturalKey: string;
}

/** Where `effect` of `project` stands in the outbox; null: it is no reaction (a fact, a trigger). */
export function outboxPlace(project: ProjectId, effect: Effect): OutboxPlace | null {
  switch (effect.kind) {
    case 'write_flag':
      return onFlag(project, effect.incident, `write/${effect.incident}/${effect.writes}`);
    case 'remove_flag':
      return onFlag(project, effect.incident, `remove/${effect.incident}/${effect.writes}`);
    case 'open_issue':
    case 'comment':
    case 'reopen_issue':
    case 'close_issue':
      return issuePlace(effect);
    case 'fact':
    case 'start_probe':
    case 'cancel_probe':
      return null;
  }
}

/** Where a call to the tracker stands in the outbox. */
export function issuePlace(effect: IssueEffect): OutboxPlace {
  return {
    target: 'tracker',
    lane: effect.fingerprint,
    unit: effect.incident,
    naturalKey: `${effect.kind}/${effect.fingerprint}/${effect.incident}/${effect.key}`,
  };
}

function onFlag(project: ProjectId, incident: string, key: string): OutboxPlace {
  return { target: 'flag', lane: `flag:${project}`, unit: incident, naturalKey: `flag/${project}/${key}` };
}
