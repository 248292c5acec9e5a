// What can happen to a breaker, and what a breaker then asks for: both are data.

import type { BreakerRule } from '../fleet.ts';
import type { AgentKey, ProjectId, RunId } from '../ids.ts';
import type { QuarantineReason } from '../quarantine/reason.ts';
import type { FactBody } from '../run/facts.ts';
import type { FailedRun } from './failure-count.ts';
import type { BreakerState, IssueLink, PastIncident, RecordedFlag } from './state.ts';
import type { TripCause } from './trip-cause.ts';

/** Where and when an event arrives. */
export interface BreakerContext {
  readonly project: ProjectId;
  /** Epoch ms. */
  readonly now: number;
  readonly rule: BreakerRule;
  /** A fresh id, used if the event begins an incident or an escalation. */
  readonly freshIncident: string;
  readonly configHash: string;
}

/** Everything that can happen; each is accepted in each state. */
export type BreakerEvent =
  | { readonly kind: 'counted_failure'; readonly failure: FailedRun }
  | { readonly kind: 'counted_success'; readonly run: RunId; readonly agent: AgentKey }
  /** An *attempt* of a counted agent that neither succeeded nor counted. */
  | { readonly kind: 'uncounted_end'; readonly attempt: FailedRun }
  /** The outbox wrote our flag (or found it written by an earlier try). */
  | {
      readonly kind: 'flag_written';
      readonly incident: string;
      readonly writes: number;
      readonly path: string;
      readonly mtimeNs: string;
    }
  /** The outbox could not write our flag; it goes on trying. */
  | { readonly kind: 'flag_failed'; readonly incident: string; readonly error: string }
  /** The outbox found a flag of somebody else in the place of ours, and left it. */
  | { readonly kind: 'flag_foreign'; readonly incident: string; readonly writes: number }
  /** A look showed a flag that is not ours in the place of ours, or where none was. */
  | { readonly kind: 'flag_taken_over' }
  /** The outbox removed our flag, or found it gone. */
  | { readonly kind: 'flag_removed' }
  /** The flag that was there is gone, and it was not us. */
  | { readonly kind: 'pause_lifted'; readonly by: string }
  /** `adf resume`: the caller has removed every flag of the project; one that is still to be written is not wanted. */
  | { readonly kind: 'resumed'; readonly by: string }
  | { readonly kind: 'trip'; readonly by: string; readonly reason: string }
  | { readonly kind: 'reset'; readonly by: string; readonly reason: string }
  | { readonly kind: 'isolate'; readonly by: string; readonly reason: string }
  /** Sent at any time; changes something only when a probe is due. */
  | {
      readonly kind: 'probe_due';
      /** A flag holds the project (or all): a probe skips no pause. */
      readonly paused: boolean;
      readonly countedRunning: boolean;
      /** Next slot of any counted agent; null: none. */
      readonly nextCountedAt: number | null;
      /** Enabled counted agents of the project. */
      readonly candidates: readonly AgentKey[];
    }
  /** The probe ended without counting: refused, canceled, or for reasons that do not count. */
  | { readonly kind: 'probe_ended'; readonly incident: string; readonly number: number }
  /** Sent at any time; changes something only when `auto_resume_after` has passed. */
  | { readonly kind: 'auto_resume' }
  | { readonly kind: 'nothing_counts' }
  /** agents.toml was reloaded; `counted` are the agents that count now. It never trips: the next failure meets the new limit. */
  | { readonly kind: 'rule_changed'; readonly counted: readonly AgentKey[] }
  | { readonly kind: 'pause_dir_moved' }
  | { readonly kind: 'issue_opened'; readonly incident: string; readonly issue: IssueLink }
  /** A look at the tracker showed that somebody else closed the incident's issue. */
  | { readonly kind: 'issue_closed'; readonly incident: string }
  /** The wall clock jumped; forward is positive. */
  | { readonly kind: 'clock_stepped'; readonly byMs: number };

/** New state, and what is to be stored with it in the same transaction. */
export interface Transition<State = BreakerState> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A reaction for the outbox, a trigger, or a fact. */
export type Effect =
  | { readonly kind: 'fact'; readonly fact: BreakerFact }
  | WriteFlag
  /** Only this file, and only while its mtime and incident line are these. */
  | (Omit<RecordedFlag, 'kind'> & { readonly kind: 'remove_flag' })
  | IssueEffect
  /** A trigger: pre-check and schedule are skipped, pauses and limits are not. */
  | {
      readonly kind: 'start_probe';
      readonly incident: string;
      readonly number: number;
      readonly agent: AgentKey;
      readonly at: number;
    }
  /** Ends a probe that still waits; one that runs goes on. */
  | { readonly kind: 'cancel_probe'; readonly incident: string; readonly number: number; readonly agent: AgentKey };

/** Our pause flag, to be written unless `wantsFlag` says no by then. */
export interface WriteFlag {
  readonly kind: 'write_flag';
  readonly incident: string;
  /** Which write of the incident: a later one makes this one unwanted. */
  readonly writes: number;
  /** Becomes the file's mtime, so that a repeated write knows its own work. */
  readonly stampAt: number;
  readonly cause: TripCause;
  readonly runs: readonly RunId[];
}

/** A call to the tracker. `fingerprint` and `incident` find the issue, `key` makes the note unique within it. */
export interface IssueEffect {
  readonly kind: 'open_issue' | 'comment' | 'reopen_issue' | 'close_issue';
  readonly fingerprint: string;
  readonly incident: string;
  readonly key: string;
  readonly note: IssueNote;
}

/** What an issue, a comment or a closing note has to say. */
export type IssueNote =
  | {
      readonly kind: 'tripped' | 'tripped_again' | 'flag_failing';
      readonly at: number;
      readonly cause: TripCause;
      readonly evidence: readonly FailedRun[];
      readonly configHash: string;
      readonly previous: PastIncident | null;
      /** Why the flag cannot be written; null: it was not tried yet. */
      readonly flagError: string | null;
    }
  | {
      readonly kind: 'success_while_open' | 'closed_by_success' | 'agent_succeeded';
      readonly run: RunId;
      readonly agent: AgentKey;
    }
  | { readonly kind: 'lifted'; readonly at: number; readonly by: string; readonly agent: AgentKey | null }
  | { readonly kind: 'closed_by_person'; readonly at: number }
  | { readonly kind: 'closed_by_hand'; readonly by: string; readonly reason: string }
  | { readonly kind: 'nothing_counts' }
  | { readonly kind: 'flag_no_longer_failing'; readonly why: string }
  | {
      readonly kind: 'does_not_count';
      readonly at: number;
      readonly agent: AgentKey;
      readonly attempts: number;
      readonly evidence: readonly FailedRun[];
      readonly configHash: string;
    }
  | { readonly kind: 'no_longer_counted'; readonly agent: AgentKey }
  | {
      readonly kind: 'quarantined' | 'quarantined_again';
      readonly at: number;
      readonly agent: AgentKey;
      readonly reason: QuarantineReason;
      readonly evidence: readonly FailedRun[];
      readonly configHash: string;
      readonly previous: PastIncident | null;
    }
  | { readonly kind: 'released'; readonly at: number; readonly by: string };

/** The facts that a breaker adds to the record. */
export type BreakerFact = Extract<
  FactBody,
  { readonly kind: `breaker.${string}` | `escalation.${string}` | 'pause.set' | 'pause.lifted' }
>;
