// Turns runs, attempts and agents into the JSON that operators see.

import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { rejectionOf } from '../core/trace/rejection.ts';
import type { ActivityView, AttemptView } from '../ports/attempt-view.ts';
import type { RunView, SlotView } from '../ports/control.ts';
import type { Ledger, SlotRow } from '../ports/ledger.ts';

/** The JSON of a run. */
export function runView(ledger: Pick<Ledger, 'verdicts' | 'workspaces'>, run: Run): RunView {
  const reasons = reasonsOf(ledger, run);
  return {
    id: run.id,
    agent: run.agent,
    project: run.project,
    trigger: {
      kind: run.trigger.kind,
      ...(run.trigger.kind === 'slot' ? { slotAt: run.trigger.slotAt } : {}),
      ...(run.trigger.kind === 'event' ? { event: run.trigger.event } : {}),
    },
    state: run.state,
    outcome: run.outcome === null ? null : outcomeView(run.outcome),
    exit: run.exit,
    attempts: run.attempts,
    requestedAt: run.requestedAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    cpuMs: run.cpuMs,
    peakMemoryBytes: run.peakMemoryBytes,
    enforcement: run.enforcement,
    ...(run.usage === null ? {} : { usage: run.usage }),
    ...workspaceOf(ledger, run),
    ...(reasons.length === 0 ? {} : { reasons, ...rejectionsOf(reasons) }),
  };
}

function workspaceOf(ledger: Pick<Ledger, 'workspaces'>, run: Run): Pick<RunView, 'workspace'> {
  const own = ledger.workspaces.get(run.id);
  return own === null
    ? {}
    : { workspace: { kind: own.kind, path: own.path, branch: own.branch, state: own.state, bytes: own.bytes } };
}

/** The JSON of an attempt. */
export function attemptView(attempt: Attempt, activity: ActivityView | null): AttemptView {
  const limits = attempt.limits as AttemptView['limits'];
  return {
    id: attempt.id,
    number: attempt.number,
    purpose: attempt.purpose,
    state: attempt.state,
    pid: attempt.identity?.pid ?? null,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    outcome: attempt.outcome,
    exit: attempt.exit,
    ...(attempt.kernel === null ? {} : { kernel: attempt.kernel }),
    stop: attempt.stop,
    note: attempt.note,
    sessionId: attempt.sessionId,
    ...(activity === null ? {} : { activity }),
    outPath: attempt.outPath,
    errPath: attempt.errPath,
    limits: { wallMs: limits.wallMs, memoryBytes: limits.memoryBytes, cpuMs: limits.cpuMs, pids: limits.pids },
  };
}

/** The reasons again, each with whose limit it is; nothing where there are none. */
export function rejectionsOf(reasons: readonly Reason[]): Pick<RunView, 'rejections'> {
  return reasons.length === 0 ? {} : { rejections: reasons.map(rejectionOf) };
}

/** The JSON of a slot row. */
export function slotView(row: SlotRow): SlotView {
  return {
    from: row.from,
    to: row.to,
    count: row.count,
    verdict: row.verdict,
    reasons: row.reasons,
    ...rejectionsOf(row.reasons),
  };
}

function outcomeView(outcome: Outcome): NonNullable<RunView['outcome']> {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'succeeded' };
    case 'failed':
      return { kind: 'failed', class: outcome.class, reason: outcome.reason };
    case 'timed_out':
      return { kind: 'timed_out', class: outcome.limit, reason: outcome.reason };
    case 'stalled':
      return { kind: 'stalled', reason: outcome.reason };
    case 'canceled':
      return { kind: 'canceled', class: outcome.by, reason: outcome.reason };
    case 'refused':
      return { kind: 'refused', reason: outcome.reasons.map((reason) => `${reason.code}: ${reason.text}`).join(' · ') };
    case 'lost':
      return { kind: 'lost', class: outcome.cause, reason: outcome.reason };
  }
}

function reasonsOf(ledger: Pick<Ledger, 'verdicts'>, run: Run): readonly Reason[] {
  if (run.outcome?.kind === 'refused') {
    return run.outcome.reasons;
  }
  return run.state === 'waiting' ? (ledger.verdicts.ofRun(run.id).at(-1)?.reasons ?? []) : [];
}
