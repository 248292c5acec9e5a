// Remembers which issue belongs to which incident, and in which tracker: a number means nothing in another one.

import type { ProjectId } from '../core/ids.ts';
import type { TrackerPlace } from '../ports/tracker.ts';
import type { House } from './house.ts';

/** The issue of an incident. `beganAt` (epoch ms): nothing that carries its marker is older. */
export interface KnownIssue {
  readonly number: number;
  readonly url: string | null;
  readonly where: string;
  readonly beganAt: number;
}

/** One occurrence of one condition. */
export interface IncidentName {
  readonly fingerprint: string;
  readonly incident: string;
}

/** A place and its name: a changed repository, server or tracker has another one. */
export interface NamedPlace {
  readonly place: TrackerPlace;
  readonly where: string;
}

/** Where issues of `project` (null: of no project) go now. */
export function placeOf(house: Pick<House, 'fleet' | 'tracker'>, project: ProjectId | null): NamedPlace {
  const { owner = null, repository = null } = house.fleet.project(project) ?? {};
  const { gitea } = house.fleet.now;
  const where =
    gitea === null
      ? house.tracker.name
      : `${gitea.url.replace(/\/+$/, '')}/${owner ?? gitea.owner}/${repository ?? gitea.repository}`;
  return { place: { project, owner, repository }, where };
}

/** Inside a transaction: `issue` is the issue of `name` from now on. */
export function linkIssue(house: Pick<House, 'ledger'>, name: IncidentName, issue: KnownIssue): void {
  house.ledger.states.set('issue', keyOf(name), issue);
}

/** The issue of `name`, wherever it is; null: none was opened yet. */
export function knownIssue(house: Pick<House, 'ledger'>, name: IncidentName): KnownIssue | null {
  return house.ledger.states.get('issue', keyOf(name)) as KnownIssue | null;
}

function keyOf(name: IncidentName): string {
  return `${name.fingerprint} ${name.incident}`;
}
