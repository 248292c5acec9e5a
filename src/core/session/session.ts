// Decides with which session of its CLI an attempt begins: gone on with, branched off, or a fresh one.

import { formatDuration } from '../../lib/duration.ts';
import type { TokenCounts } from '../budget/tokens.ts';

/** Where a CLI's own counter of a session stands. */
export interface SessionCounter {
  readonly usage: TokenCounts;
  readonly costMicroUsd: number | null;
}

/** One session, as it was left by the last attempt in it. Instants are epoch ms. */
export interface SessionRecord {
  readonly id: string;
  readonly driver: string;
  readonly agent: string;
  /** A CLI finds a session only from the folder that it was begun in. */
  readonly workingDir: string;
  readonly begunAt: number;
  readonly usedAt: number;
  /** Used by all attempts in it, as far as known. */
  readonly tokens: number;
  /** Null: nobody knows, or the CLI counts per run. */
  readonly total: SessionCounter | null;
  /** False: poisoned, and never gone on with. Null: nobody knows whether anything of it was kept. */
  readonly usable: boolean | null;
}

/** `session` of the agent: how old and how large one may be that a retry goes on with. */
export interface SessionRule {
  readonly maxAgeMs: number;
  readonly maxTokens: number;
}

/** The session of one attempt. `from`: the session that it goes on with or branches off. */
export type SessionChoice =
  | { readonly kind: 'new'; readonly because: string | null }
  | { readonly kind: 'resume' | 'fork'; readonly from: string };

/** What the choice depends on. */
export interface SessionWish {
  /** `resume`: the class of the last failure allows it. */
  readonly wanted: 'resume' | 'fresh';
  readonly record: SessionRecord | null;
  readonly rule: SessionRule;
  readonly driver: string;
  readonly workingDir: string;
  readonly now: number;
}

/** The session of a retry. Example: one that began 30 h ago under `max_age = "24h"` is left behind. */
export function chooseSession(wish: SessionWish): SessionChoice {
  const because = objection(wish);
  return because === null && wish.record !== null ? { kind: 'resume', from: wish.record.id } : { kind: 'new', because };
}

/** Why `record` cannot be gone on with by `driver` in `workingDir`; null: it can. */
export function unusable(
  record: SessionRecord | null,
  { driver, workingDir }: Pick<SessionWish, 'driver' | 'workingDir'>,
): string | null {
  if (record === null) {
    return 'it had no session';
  }
  if (record.usable !== true) {
    return record.usable === false ? 'its session is poisoned' : 'nobody knows whether its session was kept';
  }
  if (record.driver !== driver || record.workingDir !== workingDir) {
    return 'its session belongs to another CLI or folder';
  }
  return null;
}

function objection(wish: SessionWish): string | null {
  const { record, rule, now } = wish;
  if (wish.wanted === 'fresh') {
    return 'its failure asks for a fresh session';
  }
  const broken = unusable(record, wish);
  if (broken !== null || record === null) {
    return broken;
  }
  const ageMs = now - record.begunAt;
  if (ageMs > rule.maxAgeMs) {
    return `its session is ${formatDuration(ageMs)} old, max_age ${formatDuration(rule.maxAgeMs)}`;
  }
  return record.tokens > rule.maxTokens
    ? `its session has used ${record.tokens} tokens, max_tokens ${rule.maxTokens}`
    : null;
}
