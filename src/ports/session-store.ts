// What is kept of the sessions of agent CLIs: who may go on with one, and where its counter stands.

import type { SessionRecord } from '../core/session/session.ts';

/** Sessions by their id. */
export interface SessionStore {
  get(id: string): SessionRecord | null;
  /** A new record, or the next state of a known one. */
  put(session: SessionRecord): void;
}
