// What an escalation tells about: the condition, its evidence, and where it was seen.

import type { RunId } from '../ids.ts';
import type { Outcome } from '../run/outcome.ts';
import type { IssueMark } from './marker.ts';

/** One occurrence of a condition that needs a person; one of these is one issue. */
export interface Incident {
  readonly condition: Condition;
  readonly mark: IssueMark;
  /** The key of the agent whose runs brought it about. */
  readonly agent: string;
  /** The last of the outcomes that brought it about. */
  readonly outcome: Outcome;
  /** How many of them in a row, or within the window. */
  readonly count: number;
  /** Epoch ms. */
  readonly since: number;
  readonly host: string;
  /** Oldest first; the newest are shown. */
  readonly runs: readonly IncidentRun[];
  /** The end of the last run's log, not yet redacted; null where there is none. */
  readonly tail: { readonly run: RunId; readonly text: string } | null;
  /** The issue of the incident before this one. */
  readonly previousIssue: number | null;
  readonly configHash: string;
}

/** What is wrong. */
export type Condition =
  | {
      readonly kind: 'project_paused';
      readonly project: string;
      readonly flagPath: string;
      /** Who tripped it and why, where no failure did. */
      readonly byHand?: string;
    }
  | { readonly kind: 'flag_unwritable'; readonly project: string; readonly flagPath: string; readonly error: string }
  | { readonly kind: 'agent_quarantined'; readonly project: string | null; readonly until: number | null }
  | { readonly kind: 'agent_not_succeeding'; readonly project: string | null };

/** One row of evidence. */
export interface IncidentRun {
  readonly run: RunId;
  readonly agent: string;
  /** Epoch ms. */
  readonly endedAt: number;
  /** Exit code or signal in words, `exit 1`; null: unknown. */
  readonly exit: string | null;
  readonly outcome: Outcome;
  readonly tookMs: number;
}
