// Turns what the breaker asked for into the incident that the texts tell about.

import type { IssueNote } from '../breaker/event.ts';
import type { FailedRun } from '../breaker/failure-count.ts';
import { describeCause } from '../breaker/trip-cause.ts';
import type { AgentKey } from '../ids.ts';
import { describeQuarantine } from '../quarantine/reason.ts';
import type { Outcome } from '../run/outcome.ts';
import type { Condition, Incident } from './incident.ts';
import type { IssueMark } from './marker.ts';

/** What the caller knows of the place: the flag's path, the host's name, the end of the last log. */
export interface Scene {
  /** Null: the agent belongs to none. */
  readonly project: string | null;
  /** Null: the whole project is meant. */
  readonly agent: AgentKey | null;
  /** Empty where no project is paused. */
  readonly flagPath: string;
  readonly host: string;
  readonly tail: Incident['tail'];
  readonly configHash: string;
  /** Epoch ms. */
  readonly at: number;
}

/** The incident behind `note`, for opening its issue and for what is said on it later. */
export function incidentOf(mark: IssueMark, note: IssueNote, scene: Scene): Incident {
  const evidence = 'evidence' in note ? note.evidence : [];
  const newest = evidence.at(-1);
  return {
    condition: conditionOf(note, scene),
    mark,
    agent: ('agent' in note ? note.agent : null) ?? newest?.agent ?? scene.agent ?? scene.project ?? '',
    outcome: outcomeOf(note, newest),
    count: countOf(note, evidence),
    since: note.kind === 'does_not_count' ? (evidence[0]?.endedAt ?? note.at) : 'at' in note ? note.at : scene.at,
    host: scene.host,
    runs: evidence,
    tail: scene.tail,
    previousIssue: 'previous' in note ? (note.previous?.issue?.number ?? null) : null,
    configHash: scene.configHash,
  };
}

function conditionOf(note: IssueNote, scene: Scene): Condition {
  const { project, flagPath } = scene;
  switch (note.kind) {
    case 'flag_failing':
      return { kind: 'flag_unwritable', project: project ?? '', flagPath, error: note.flagError ?? '' };
    case 'does_not_count':
    case 'no_longer_counted':
    case 'agent_succeeded':
      return { kind: 'agent_not_succeeding', project };
    case 'quarantined':
    case 'quarantined_again':
    case 'released':
      return { kind: 'agent_quarantined', project, until: null };
    case 'tripped':
    case 'tripped_again':
    case 'success_while_open':
    case 'lifted':
    case 'closed_by_success':
    case 'closed_by_hand':
    case 'nothing_counts':
    case 'flag_no_longer_failing':
      return { kind: 'project_paused', project: project ?? '', flagPath, ...byHand(note) };
    case 'closed_by_person':
      return scene.agent === null
        ? { kind: 'project_paused', project: project ?? '', flagPath }
        : { kind: 'agent_quarantined', project, until: null };
  }
}

function byHand(note: IssueNote): { readonly byHand?: string } {
  return 'cause' in note && note.cause.kind === 'by_hand' ? { byHand: describeCause(note.cause) } : {};
}

function countOf(note: IssueNote, evidence: readonly FailedRun[]): number {
  if (note.kind === 'does_not_count') {
    return note.attempts;
  }
  if (note.kind === 'quarantined' && note.reason.kind === 'restarts_too_often') {
    return note.reason.ends;
  }
  return 'cause' in note && note.cause.kind !== 'by_hand' ? note.cause.failures : Math.max(1, evidence.length);
}

function outcomeOf(note: IssueNote, newest: FailedRun | undefined): Outcome {
  if ('cause' in note && note.cause.kind === 'by_hand') {
    return { kind: 'failed', class: 'agent_failure', reason: describeCause(note.cause) };
  }
  if (newest !== undefined) {
    return newest.outcome;
  }
  const reason = 'reason' in note && typeof note.reason === 'object' ? describeQuarantine(note.reason) : '';
  return { kind: 'failed', class: 'agent_failure', reason };
}
