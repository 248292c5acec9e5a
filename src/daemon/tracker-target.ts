// Opens, comments on and closes escalations in the tracker, as the outbox asks.

import type { IssueEffect, IssueNote } from '../core/breaker/event.ts';
import type { AgentKey, ProjectId } from '../core/ids.ts';
import { noteText } from '../core/react/comment-text.ts';
import type { Note as CommentNote } from '../core/react/comment-text.ts';
import { incidentOf } from '../core/react/incident-of.ts';
import type { Incident } from '../core/react/incident.ts';
import { issueBody, issueTitle } from '../core/react/issue-text.ts';
import { commentMarker, issueMarker } from '../core/react/marker.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { TrackedIssue, TrackerFailure, TrackerPlace } from '../ports/tracker.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Reacted, ReactionTarget } from './outbox.ts';
import type { Quarantines } from './quarantines.ts';

/** `agent`: the issue is about that agent's quarantine. */
type Stored = IssueEffect & { readonly project: ProjectId | null; readonly agent?: AgentKey };

/** Tracker calls in an hour, so that a storm of incidents does not become a storm at the forge. */
const PER_HOUR = 300;
/** Nothing that carries our marker can be older than the reaction by more (clocks differ). */
const CLOCK_SLACK_MS = 3_600_000;
/** Bytes of the last run's log that an issue shows at most. */
const TAIL_BYTES = 16_000;

/** What the target needs. */
export interface TrackerTargetParts {
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly host: string;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
}

type Needs = Pick<House, 'tracker' | 'pauseFlags' | 'ledger' | 'files' | 'fleet' | 'clock'>;

/** The outbox target `tracker`. */
export function trackerTarget(house: Needs, parts: TrackerTargetParts): ReactionTarget {
  return {
    name: 'tracker',
    perHour: PER_HOUR,
    accessStamp: async () => house.tracker.accessStamp(),
    react: async (row) => carryOut(house, parts, { effect: row.effect as Stored, createdAt: row.createdAt }),
  };
}

async function carryOut(
  house: Needs,
  parts: TrackerTargetParts,
  given: { readonly effect: Stored; readonly createdAt: number },
): Promise<Reacted> {
  const { effect, createdAt } = given;
  const { tracker } = house;
  const place = placeOf(house, effect.project);
  const incident = await describe(house, parts, given);
  const marker = issueMarker(incident.mark);
  const since = createdAt - CLOCK_SLACK_MS;
  if (effect.kind === 'open_issue') {
    const gitea = house.fleet.now.gitea;
    const opened = await tracker.open(place, {
      marker,
      title: issueTitle(incident),
      body: issueBody(incident, parts.secrets()),
      labels: gitea?.labels ?? [],
      assignees: gitea?.assignees ?? [],
      since,
    });
    return opened.kind === 'failed'
      ? failed(opened)
      : linked(house, parts, { effect, issue: opened.value, warnings: opened.warnings });
  }
  const found = await numberOf(house, place, { effect, marker });
  if (typeof found !== 'number') {
    return found;
  }
  const body = noteText(commentOf(effect.note, incident, effect), parts.secrets());
  const said = await tracker.comment(place, found, {
    marker: commentMarker(`${effect.fingerprint} ${effect.incident} ${effect.key}`),
    body,
    since,
    present: 'keep',
  });
  if (said.kind === 'failed') {
    return failed(said);
  }
  if (effect.kind === 'comment') {
    return { kind: 'done', note: `#${found}` };
  }
  const set = await tracker.setState(place, found, effect.kind === 'close_issue' ? 'closed' : 'open');
  return set.kind === 'failed' ? failed(set) : { kind: 'done', note: `#${found} ${set.value.state}` };
}

function linked(
  house: Needs,
  parts: TrackerTargetParts,
  given: { readonly effect: Stored; readonly issue: TrackedIssue; readonly warnings: readonly string[] },
): Reacted {
  const { effect, issue, warnings } = given;
  return {
    kind: 'done',
    note: [`#${issue.number}`, ...warnings].join(' · '),
    also: (note) => {
      const link = { number: issue.number, url: issue.url };
      house.ledger.states.set('issue', `${effect.fingerprint} ${effect.incident}`, link);
      const event = { kind: 'issue_opened', incident: effect.incident, issue: link } as const;
      if (effect.agent !== undefined) {
        parts.quarantines.apply(effect.agent, event, note);
      } else if (effect.project !== null) {
        parts.breakers.apply(effect.project, event, note);
      }
    },
  };
}

/** The number of the incident's issue: as we recorded it, else found by its marker. */
async function numberOf(
  house: Needs,
  place: TrackerPlace,
  given: { readonly effect: Stored; readonly marker: string },
): Promise<number | Reacted> {
  const { effect, marker } = given;
  const known = house.ledger.states.get('issue', `${effect.fingerprint} ${effect.incident}`) as {
    readonly number: number;
  } | null;
  if (known !== null) {
    return known.number;
  }
  const found = await house.tracker.find(place, marker, 0);
  if (found.kind === 'failed') {
    return failed(found);
  }
  return found.value?.number ?? { kind: 'done', note: 'there is no issue to speak on' };
}

async function describe(
  house: Needs,
  parts: TrackerTargetParts,
  given: { readonly effect: Stored; readonly createdAt: number },
): Promise<Incident> {
  const { effect, createdAt } = given;
  const lastRun =
    'evidence' in effect.note ? effect.note.evidence.at(-1)?.run : 'run' in effect.note ? effect.note.run : undefined;
  const tail =
    lastRun === undefined || effect.kind !== 'open_issue' ? null : { run: lastRun, text: await tailOf(house, lastRun) };
  return incidentOf({ fingerprint: effect.fingerprint, incident: effect.incident }, effect.note, {
    project: effect.project,
    agent: effect.agent ?? null,
    flagPath: effect.project === null ? '' : house.pauseFlags.now.path(effect.project),
    host: parts.host,
    tail,
    configHash: house.fleet.now.hash,
    at: createdAt,
  });
}

async function tailOf(house: Needs, run: Parameters<House['ledger']['attempts']['ofRun']>[0]): Promise<string> {
  const path = house.ledger.attempts.ofRun(run).at(-1)?.outPath;
  if (path === undefined) {
    return '';
  }
  const size = await house.files.size(path);
  return new TextDecoder().decode(await house.files.read(path, Math.max(0, size - TAIL_BYTES), TAIL_BYTES));
}

function commentOf(note: IssueNote, incident: Incident, effect: Stored): CommentNote {
  const at = 'at' in note ? note.at : incident.since;
  switch (note.kind) {
    case 'tripped':
    case 'tripped_again':
    case 'does_not_count':
    case 'flag_failing':
    case 'quarantined':
    case 'quarantined_again':
      return { kind: 'tripped_again', at, incident };
    case 'success_while_open':
      return { kind: 'succeeded_while_open', at, run: note.run, incident };
    case 'lifted':
      return note;
    case 'closed_by_success':
      return { kind: 'ended', at, how: { kind: 'succeeded', run: note.run, agent: note.agent } };
    case 'agent_succeeded':
      return { kind: 'ended', at, how: { kind: 'recovered', run: note.run, agent: note.agent } };
    case 'released':
      return { kind: 'ended', at, how: { kind: 'released', by: note.by } };
    case 'closed_by_hand':
      return { kind: 'ended', at, how: { kind: 'reset', by: note.by, reason: note.reason } };
    case 'nothing_counts':
      return { kind: 'ended', at, how: { kind: 'nothing_counts' } };
    case 'flag_no_longer_failing':
      return { kind: 'ended', at, how: { kind: 'over', why: note.why } };
    case 'no_longer_counted':
      return {
        kind: 'ended',
        at,
        how: { kind: 'over', why: `${note.agent} no longer counts for ${effect.project ?? 'a project'}` },
      };
    default:
      return unreachable(note);
  }
}

function placeOf(house: Needs, project: ProjectId | null): TrackerPlace {
  const found = house.fleet.project(project);
  return { project, owner: found?.owner ?? null, repository: found?.repository ?? null };
}

function failed(failure: TrackerFailure): Reacted {
  return failure.permanent
    ? { kind: 'park', error: failure.message }
    : { kind: 'retry', error: failure.message, notBefore: failure.retryAt };
}
