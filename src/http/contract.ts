// What a client of the control socket may know: the shapes of every answer, the shape of an error, and the limits of a request.

import type { RejectionReason } from '../core/trace/rejection.ts';

export type {
  AgentView,
  BreakerView,
  IssueView,
  NextView,
  OutboxView,
  ProjectView,
  NotAsked,
  RequestReply,
  RunDetail,
  RunView,
  SlotView,
  StatusView,
  WhyView,
} from '../ports/control.ts';
export type { ActivityView, AttemptView } from '../ports/attempt-view.ts';
export type { ProblemView } from '../ports/problem-view.ts';
export type { ApplyView, BrokenView, DriftView, PlanView, ReloadView } from '../ports/reconcile-view.ts';
export type { AlertDetail, AlertView } from '../ports/alert-views.ts';
export type { LogChunk } from '../ports/log-chunk.ts';
export type { BudgetView } from '../ports/budget-view.ts';
export type { WatchView } from '../ports/watch-view.ts';

/** The body of every answer that is not 2xx. `code` is stable, `message` is for people and says what to do. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly rejection?: RejectionReason };
}

/** The media type of a stream with one JSON value per line. */
export const NDJSON = 'application/x-ndjson';

/** The last line of a stream of facts whose reader was too slow to be told everything. */
export const STREAM_CUT = { kind: 'stream.cut' } as const;

/** Longest task and longest data of an event, in characters; longest list of arguments and longest argument. */
export const MAX_TASK_CHARS = 256 * 1024;
export const MAX_DATA_CHARS = 1024 * 1024;
export const MAX_ARGS = 1000;
export const MAX_ARG_CHARS = 64 * 1024;

/** Longest body of a request: data of an event in four bytes a character, and room for the rest. */
export const MAX_BODY_BYTES = 4 * MAX_DATA_CHARS + 64 * 1024;

/** Most runs, and most past facts, that one question is answered with. */
export const MAX_RUNS = 10_000;
export const MAX_PAST_FACTS = 10_000;

/** Most alerts that one question is answered with, and the longest reply to one, in characters. */
export const MAX_ALERTS = 1000;
export const MAX_REPLY_CHARS = 4000;

/** Farthest that `next` looks ahead: one leap year. */
export const MAX_NEXT_MS = 366 * 86_400_000;
