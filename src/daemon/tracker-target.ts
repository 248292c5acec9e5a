// Opens, comments on, reopens and closes escalations in the tracker, as the outbox asks.

import { noteText, stateAfter } from '../core/react/comment-text.ts';
import type { Note } from '../core/react/comment-text.ts';
import type { Incident } from '../core/react/incident.ts';
import { issueBody, issueTitle, withState } from '../core/react/issue-text.ts';
import { commentMarker, issueMarker } from '../core/react/marker.ts';
import { noteOf } from '../core/react/note-of.ts';
import type { OutboxRow } from '../ports/ledger.ts';
import type { TrackedIssue, TrackerFailure, TrackerPlace } from '../ports/tracker.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { knownIssue, linkIssue, placeOf } from './issue-links.ts';
import type { NamedPlace } from './issue-links.ts';
import { sceneOf, withLog } from './issue-scene.ts';
import type { SceneParts, StoredIssueEffect } from './issue-scene.ts';
import type { Reacted, ReactionTarget } from './outbox.ts';
import type { Quarantines } from './quarantines.ts';
import { CLOCK_SLACK_MS } from './tracker-clock.ts';

/** Reactions in an hour, so that a storm of incidents does not become a storm at the forge. */
const PER_HOUR = 300;

/** What the target needs. */
export interface TrackerTargetParts extends SceneParts {
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
}

type Needs = Pick<House, 'tracker' | 'pauseFlags' | 'ledger' | 'files' | 'fleet'>;

/** The outbox target `tracker`. */
export function trackerTarget(house: Needs, parts: TrackerTargetParts): ReactionTarget {
  return {
    name: 'tracker',
    perHour: PER_HOUR,
    accessStamp: async () => trackerStamp(house),
    react: async (row) => new Escalation(house, parts, row).carryOut(),
  };
}

/** Changes with the credentials, and with what agents.toml says of the place. */
export async function trackerStamp(house: Pick<House, 'tracker' | 'fleet'>): Promise<string> {
  const { gitea, projects } = house.fleet.now;
  const places = projects.map(({ owner, repository }) => [owner, repository]);
  return `${await house.tracker.accessStamp()} ${JSON.stringify([gitea, places])}`;
}

/** One row: an escalation as it is to be seen in the tracker. Every step looks first, so the whole may be repeated. */
class Escalation {
  readonly #house: Needs;
  readonly #parts: TrackerTargetParts;
  readonly #effect: StoredIssueEffect;
  readonly #createdAt: number;
  readonly #at: NamedPlace;
  readonly #incident: Incident;

  constructor(house: Needs, parts: TrackerTargetParts, row: OutboxRow) {
    this.#house = house;
    this.#parts = parts;
    this.#effect = row.effect as StoredIssueEffect;
    this.#createdAt = row.createdAt;
    this.#at = placeOf(house, this.#effect.project);
    this.#incident = sceneOf(house, parts, {
      effect: this.#effect,
      createdAt: row.createdAt,
      where: this.#at.where,
    });
  }

  async carryOut(): Promise<Reacted> {
    const { kind } = this.#effect;
    if (kind === 'open_issue') {
      return this.#open();
    }
    const found = await this.#find();
    if (typeof found === 'object' && found !== null) {
      return found;
    }
    if (found === null) {
      // Opened in another tracker, or deleted: there is nothing to speak on, and what goes on needs an issue here.
      return kind === 'reopen_issue' ? this.#open() : { kind: 'done', note: 'there is no issue of it here' };
    }
    const note = noteOf(this.#effect.note, this.#incident);
    return (
      (kind === 'reopen_issue' ? null : await this.#say(found, note)) ??
      (await this.#rewriteState(found, note)) ??
      (kind === 'comment' ? null : await this.#setState(found, kind === 'close_issue' ? 'closed' : 'open')) ?? {
        kind: 'done',
        note: kind === 'comment' ? `#${found}` : `#${found} ${kind === 'close_issue' ? 'closed' : 'open'}`,
      }
    );
  }

  get #place(): TrackerPlace {
    return this.#at.place;
  }

  get #marker(): string {
    return issueMarker(this.#incident.mark);
  }

  /** Epoch ms: nothing of this incident is older. */
  get #since(): number {
    const effect = this.#effect;
    const createdAt = this.#createdAt;
    const parts = this.#parts;
    const state = effect.project === null ? null : parts.breakers.state(effect.project);
    const incident = state === null || state.kind === 'closed' ? null : state.incident;
    const began = incident?.id === effect.incident ? incident.trippedAt : createdAt;
    return Math.min(knownIssue(this.#house, effect)?.beganAt ?? began, createdAt) - CLOCK_SLACK_MS;
  }

  async #open(): Promise<Reacted> {
    const house = this.#house;
    const parts = this.#parts;
    const effect = this.#effect;
    const createdAt = this.#createdAt;
    const gitea = house.fleet.now.gitea;
    const incident = await withLog(house, parts, { incident: this.#incident, note: effect.note });
    const opened = await house.tracker.open(this.#place, {
      marker: this.#marker,
      title: issueTitle(incident),
      body: issueBody(incident, parts.secrets()),
      labels: gitea?.labels ?? [],
      assignees: gitea?.assignees ?? [],
      since: this.#since,
    });
    if (opened.kind === 'failed') {
      return failed(opened);
    }
    const { number, url } = opened.value;
    const beganAt = Math.min(createdAt, opened.value.createdAt);
    return {
      kind: 'done',
      note: [`#${number}`, ...opened.warnings].join(' · '),
      also: (note) => {
        linkIssue(house, effect, { number, url, where: this.#at.where, beganAt });
        const event = { kind: 'issue_opened', incident: effect.incident, issue: { number, url } } as const;
        if (effect.agent !== undefined) {
          parts.quarantines.apply(effect.agent, event, note);
        } else if (effect.project !== null) {
          parts.breakers.apply(effect.project, event, note);
        }
      },
    };
  }

  /** The number of the incident's issue: as it was recorded for this place, else found by its marker; null: there is none. */
  async #find(): Promise<number | null | Reacted> {
    const known = knownIssue(this.#house, this.#effect);
    if (known?.where === this.#at.where) {
      return known.number;
    }
    const found = await this.#house.tracker.find(this.#place, this.#marker, this.#since);
    return found.kind === 'failed' ? failed(found) : (found.value?.number ?? null);
  }

  async #say(number: number, note: Note): Promise<Reacted | null> {
    const { fingerprint, incident, key } = this.#effect;
    return unlessFailed(
      await this.#house.tracker.comment(this.#place, number, {
        marker: commentMarker(`${fingerprint} ${incident} ${key}`),
        body: noteText(note, this.#parts.secrets()),
        since: this.#since,
        present: 'keep',
      }),
    );
  }

  /** The first line of the body says how things stand, for those who read no comments. */
  async #rewriteState(number: number, note: Note): Promise<Reacted | null> {
    const state = stateAfter(note);
    return state === null
      ? null
      : unlessFailed(await this.#house.tracker.editBody(this.#place, number, (body) => withState(body, state)));
  }

  async #setState(number: number, state: TrackedIssue['state']): Promise<Reacted | null> {
    return unlessFailed(await this.#house.tracker.setState(this.#place, number, state));
  }
}

function unlessFailed(reply: { readonly kind: 'done' } | TrackerFailure): Reacted | null {
  return reply.kind === 'failed' ? failed(reply) : null;
}

/** What becomes of a reaction whose call to the tracker failed. */
export function failed(failure: TrackerFailure): Reacted {
  return failure.permanent
    ? { kind: 'park', error: failure.message }
    : { kind: 'retry', error: failure.message, notBefore: failure.retryAt };
}
