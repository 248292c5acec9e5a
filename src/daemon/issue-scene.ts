// Gathers what an issue tells of its incident: the place, the host, the issue before it, the end of the last log.

import type { IssueEffect, IssueNote } from '../core/breaker/event.ts';
import type { AgentKey, ProjectId, RunId } from '../core/ids.ts';
import { incidentOf } from '../core/react/incident-of.ts';
import type { Incident } from '../core/react/incident.ts';
import { MAX_TAIL_BYTES } from '../core/react/issue-text.ts';
import { lastLines, tailReadBytes } from '../core/react/log-tail.ts';
import type { House } from './house.ts';
import { knownIssue } from './issue-links.ts';

/** A call to the tracker as the outbox keeps it. `agent`: it is about that agent's quarantine. */
export type StoredIssueEffect = IssueEffect & { readonly project: ProjectId | null; readonly agent?: AgentKey };

/** What the texts of issues need beside the house. */
export interface SceneParts {
  readonly host: string;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
}

type Needs = Pick<House, 'pauseFlags' | 'ledger' | 'files' | 'fleet'>;

/** The incident behind `effect`, stored at `createdAt` (epoch ms), without a log. */
export function sceneOf(
  house: Needs,
  parts: SceneParts,
  given: { readonly effect: StoredIssueEffect; readonly createdAt: number; readonly where: string },
): Incident {
  const { effect, createdAt, where } = given;
  const { fingerprint, incident, note } = effect;
  const told = incidentOf({ fingerprint, incident }, note, {
    project: effect.project,
    agent: effect.agent ?? null,
    flagPath: effect.project === null ? '' : house.pauseFlags.now.path(effect.project),
    host: parts.host,
    tail: null,
    configHash: house.fleet.now.hash,
    at: createdAt,
  });
  return { ...told, previousIssue: previousIssue(house, effect, where) };
}

/** `incident` with the end of the log of the last run that `note` names. */
export async function withLog(
  house: Needs,
  parts: SceneParts,
  given: { readonly incident: Incident; readonly note: IssueNote },
): Promise<Incident> {
  const { incident, note } = given;
  const run = 'evidence' in note ? note.evidence.at(-1)?.run : undefined;
  if (run === undefined) {
    return incident;
  }
  const text = await logTail(house, parts.secrets(), { run, maxBytes: MAX_TAIL_BYTES });
  return { ...incident, tail: { run, text } };
}

/** Looked up now: when the incident began, the issue before it may not have had its number yet. */
function previousIssue(house: Needs, effect: StoredIssueEffect, where: string): number | null {
  const previous = 'previous' in effect.note ? effect.note.previous : null;
  const known =
    previous === null ? null : knownIssue(house, { fingerprint: effect.fingerprint, incident: previous.id });
  return known?.where === where ? known.number : null;
}

/** The last lines of what `of.run` printed, redacted; empty where it never started. */
export async function logTail(
  house: Pick<House, 'ledger' | 'files'>,
  secrets: readonly string[],
  of: { readonly run: RunId; readonly maxBytes: number },
): Promise<string> {
  const { run, maxBytes } = of;
  const path = house.ledger.attempts.ofRun(run).at(-1)?.outPath;
  if (path === undefined) {
    return '';
  }
  const size = await house.files.size(path);
  const limit = tailReadBytes(maxBytes);
  const from = Math.max(0, size - limit);
  const text = new TextDecoder().decode(await house.files.read(path, from, limit));
  return lastLines(text, { beginsInside: from > 0, secrets, maxBytes });
}
