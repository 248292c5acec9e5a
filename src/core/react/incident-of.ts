// Turns what the breaker asked for into the incident that the texts tell about.

import type { IssueNote } from '../breaker/event.ts';
import type { CountedFailure } from '../breaker/failure-count.ts';
import { describeCause } from '../breaker/trip-cause.ts';
import type { FailureClass, Outcome } from '../run/outcome.ts';
import type { Condition, Incident, IncidentRun } from './incident.ts';
import type { IssueMark } from './marker.ts';

/** What the caller knows of the place: the flag's path, the host's name, the end of the last log. */
export interface Scene {
  readonly project: string;
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
    agent: 'agent' in note ? note.agent : (newest?.agent ?? scene.project),
    outcome: outcomeOf(note, newest),
    count: countOf(note, evidence),
    since: 'at' in note ? note.at : scene.at,
    host: scene.host,
    runs: evidence.map(rowOf),
    tail: scene.tail,
    previousIssue: 'previous' in note ? (note.previous?.issue?.number ?? null) : null,
    configHash: scene.configHash,
  };
}

function conditionOf(note: IssueNote, scene: Scene): Condition {
  const { project, flagPath } = scene;
  switch (note.kind) {
    case 'flag_failing':
      return { kind: 'flag_unwritable', project, flagPath, error: note.error };
    case 'does_not_count':
    case 'no_longer_counted':
    case 'agent_succeeded':
      return { kind: 'agent_not_succeeding', project };
    case 'tripped':
    case 'tripped_again':
    case 'success_while_open':
    case 'closed_by_success':
    case 'closed_by_hand':
    case 'nothing_counts':
    case 'flag_no_longer_failing':
      return { kind: 'project_paused', project, flagPath };
  }
}

function countOf(note: IssueNote, evidence: readonly CountedFailure[]): number {
  if (note.kind === 'does_not_count') {
    return note.attempts;
  }
  return 'cause' in note && note.cause.kind !== 'by_hand' ? note.cause.failures : Math.max(1, evidence.length);
}

function outcomeOf(note: IssueNote, newest: CountedFailure | undefined): Outcome {
  if (note.kind === 'does_not_count') {
    return endedAs(note.class, note.lastLine ?? '');
  }
  if ('cause' in note) {
    const { cause } = note;
    return cause.kind === 'by_hand'
      ? { kind: 'failed', class: 'agent_failure', reason: describeCause(cause) }
      : endedAs(cause.class, newest?.lastLine ?? describeCause(cause));
  }
  return endedAs(newest?.class ?? 'agent_failure', newest?.lastLine ?? '');
}

function rowOf(failure: CountedFailure): IncidentRun {
  return {
    run: failure.run,
    agent: failure.agent,
    endedAt: failure.endedAt,
    exit: failure.how,
    outcome: endedAs(failure.class, failure.lastLine ?? failure.how),
    tookMs: failure.durationMs ?? 0,
  };
}

/** `ending` is a failure class, or the kind of another ending. */
function endedAs(ending: string, reason: string): Outcome {
  switch (ending) {
    case 'timed_out':
      return { kind: 'timed_out', limit: 'wall', reason };
    case 'stalled':
      return { kind: 'stalled', reason };
    case 'lost':
      return { kind: 'lost', cause: 'unknown', reason };
    default:
      return { kind: 'failed', class: ending as FailureClass, reason };
  }
}
