// Views as a daemon answers them, with everything filled in; each test changes what it is about.

import type { RecordedFact } from '../../src/core/run/facts.ts';
import type { Reason } from '../../src/core/admission/reasons.ts';
import type {
  AgentView,
  BreakerView,
  IssueView,
  RunDetail,
  RunView,
  StatusView,
  WhyView,
} from '../../src/ports/control.ts';
import type { AttemptView } from '../../src/ports/attempt-view.ts';
import type { AlertDetail, AlertView } from '../../src/ports/alert-views.ts';
import type { BudgetView } from '../../src/ports/budget-view.ts';
import type { WatchView } from '../../src/ports/watch-view.ts';

/** 2026-11-21 10:30:45 UTC, a Saturday. */
export const AT = Date.UTC(2026, 10, 21, 10, 30, 45);

export const SAMPLED = { memory: 'sampled', cpu: 'sampled', pids: 'none', cpuQuota: 'none', tree: 'cgroup' };

export const PAUSED: Reason = {
  code: 'project.paused',
  text: '.adf/pause/sandbox exists, put there by the breaker',
  numbers: { since: AT },
};

export const FULL: Reason = {
  code: 'slots.project',
  text: 'running 2, limit 2',
  numbers: { running: 2, limit: 2 },
};

export function runView(rest: Partial<RunView> = {}): RunView {
  return {
    id: 'r7k2',
    agent: 'demo/steward',
    project: 'demo',
    trigger: { kind: 'slot', slotAt: AT },
    state: 'ended',
    outcome: { kind: 'succeeded' },
    exit: { code: 0, signal: null },
    attempts: 1,
    requestedAt: AT,
    startedAt: AT + 20,
    endedAt: AT + 1820,
    cpuMs: 400,
    peakMemoryBytes: 41 * 1024 ** 2,
    enforcement: SAMPLED,
    ...rest,
  };
}

export const FAILED_RUN = runView({
  id: 'r7m1',
  agent: 'sandbox/project-meta-sandbox',
  project: 'sandbox',
  outcome: { kind: 'failed', class: 'agent_failure', reason: 'exit 1' },
  exit: { code: 1, signal: null },
  startedAt: AT + 16,
  endedAt: AT + 120,
  cpuMs: 20,
  peakMemoryBytes: 3 * 1024 ** 2,
});

export function waitingRun(reasons: readonly Reason[], rest: Partial<RunView> = {}): RunView {
  return runView({
    id: 'r7m2',
    state: 'waiting',
    outcome: null,
    exit: null,
    attempts: 0,
    startedAt: null,
    endedAt: null,
    cpuMs: null,
    peakMemoryBytes: null,
    enforcement: null,
    reasons,
    ...rest,
  });
}

export function agentView(rest: Partial<AgentView> = {}): AgentView {
  return {
    key: 'demo/steward',
    name: 'steward',
    project: 'demo',
    layer: 'Core',
    enabled: true,
    cliTool: 'sh',
    schedule: '*/15 * * * *',
    nextAt: AT + 15_000,
    running: [],
    waiting: [],
    last: runView(),
    held: [],
    failures1h: 0,
    restarts24h: 0,
    ...rest,
  };
}

export const AUDITOR = agentView({
  key: 'demo/dependency-auditor',
  name: 'dependency-auditor',
  nextAt: AT + 255_000,
  last: null,
});

export const META_SANDBOX = agentView({
  key: 'sandbox/project-meta-sandbox',
  name: 'project-meta-sandbox',
  project: 'sandbox',
  schedule: '*/15 * * * * *',
  nextAt: AT + 15_000,
  last: FAILED_RUN,
  held: [PAUSED],
  failures1h: 3,
});

export const SENTINEL = agentView({
  key: 'sentinel',
  name: 'sentinel',
  project: null,
  layer: 'Safety',
  schedule: null,
  nextAt: null,
  running: ['r7k0'],
  last: runView({
    id: 'r7k0',
    agent: 'sentinel',
    project: null,
    trigger: { kind: 'safety' },
    state: 'running',
    outcome: null,
    exit: null,
    startedAt: AT - 180_000,
    endedAt: null,
  }),
});

export function statusView(rest: Partial<StatusView> = {}): StatusView {
  return {
    name: 'dark-factory',
    version: '0.1.0',
    pid: 4000,
    startedAt: AT - 200_000,
    stateDir: '.adf',
    pauseDir: '.adf/pause',
    configPath: 'agents.toml',
    configHash: '9c1e',
    configLoadedAt: AT - 200_000,
    draining: false,
    limits: SAMPLED,
    live: 1,
    maxConcurrent: 4,
    waiting: 0,
    outboxWaiting: 0,
    attention: [],
    projects: [
      {
        id: 'demo',
        state: 'open',
        running: 1,
        limit: 2,
        ok1h: 14,
        failed1h: 0,
        why: null,
        todo: null,
      },
      {
        id: 'sandbox',
        state: 'PAUSED',
        running: 0,
        limit: 2,
        ok1h: 2,
        failed1h: 3,
        why: 'breaker: failed ×3 (project-meta-sandbox) · issue #4',
        todo: 'rm .adf/pause/sandbox',
      },
    ],
    agents: [agentView(), AUDITOR, META_SANDBOX, SENTINEL],
    ...rest,
  };
}

export function attemptView(rest: Partial<AttemptView> = {}): AttemptView {
  return {
    id: 'r7m1.1',
    number: 1,
    purpose: 'main',
    state: 'ended',
    pid: 4711,
    startedAt: AT + 16,
    endedAt: AT + 120,
    outcome: { kind: 'failed', class: 'agent_failure', reason: 'exit 1' },
    exit: { code: 1, signal: null },
    stop: null,
    note: null,
    sessionId: null,
    outPath: '.adf/out/r7m1.1.out',
    errPath: null,
    limits: { wallMs: 20_000, memoryBytes: 256 * 1024 ** 2, cpuMs: 10_000, pids: null },
    ...rest,
  };
}

/** Facts with their place in the ledger; `seq` counts from 1 in the order given. */
export function facts(...bodies: readonly object[]): readonly RecordedFact[] {
  return bodies.map(
    (body, index) =>
      ({ seq: index + 1, at: AT, mono: 1000, actor: 'daemon', configHash: '9c1e', ...body }) as RecordedFact,
  );
}

export function runDetail(rest: Partial<RunDetail> = {}): RunDetail {
  return {
    run: FAILED_RUN,
    attempts: [attemptView()],
    facts: facts(
      { kind: 'run.requested', run: 'r7m1', trigger: { kind: 'slot', slotAt: AT, epoch: 0 }, at: AT + 4 },
      { kind: 'run.admitted', run: 'r7m1', at: AT + 11 },
      { kind: 'attempt.started', run: 'r7m1', attempt: 'r7m1.1', pid: 4711, enforcement: SAMPLED, at: AT + 16 },
      { kind: 'breaker.opened', run: 'r7m1', incident: 'i1', failures: 3, class: 'agent_failure', at: AT + 121 },
    ),
    output: { tail: 'break-me exists: failing as asked\n', bytes: 34 },
    slot: null,
    ...rest,
  };
}

export function whyView(rest: Partial<WhyView> = {}): WhyView {
  return {
    agent: META_SANDBOX,
    nextAt: AT + 15_000,
    nextNote: null,
    verdict: 'refuse',
    reasons: [PAUSED],
    passing: ['slots.project 0 of 2', 'slots.factory 1 of 4', 'memory 256 MiB of 18 GiB free', 'pre-check none'],
    skipped: [{ from: AT + 15_000, to: AT + 60_000, count: 4, verdict: 'refused', reasons: [PAUSED] }],
    warnings: [],
    commands: ['rm .adf/pause/sandbox', 'adf resume sandbox', 'adf show r7m1', 'adf issues show 4'],
    ...rest,
  };
}

export function breakerView(rest: Partial<BreakerView> = {}): BreakerView {
  return {
    project: 'sandbox',
    state: 'open',
    failures: 3,
    threshold: 3,
    incident: '3f9a0c12',
    since: AT,
    why: null,
    flag: '.adf/pause/sandbox',
    issue: { number: 4, url: null },
    evidence: [{ run: 'r7m1', agent: 'project-meta-sandbox', class: 'agent_failure', endedAt: AT + 120 }],
    ...rest,
  };
}

export function issueView(rest: Partial<IssueView> = {}): IssueView {
  return {
    number: 4,
    project: 'sandbox',
    title: '[ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)',
    state: 'open',
    body: 'Dispatch of **sandbox** is paused.\n\nRemove the flag.',
    labels: ['adf'],
    createdAt: AT,
    comments: [{ body: 'It failed again.', createdAt: AT + 60_000 }],
    ...rest,
  };
}

export function watchView(rest: Partial<WatchView> = {}): WatchView {
  return { at: AT, checked: 2, unknown: [], pruned: [], reconciled: [], left: [], failed: [], ...rest };
}

export function alertView(rest: Partial<AlertView> = {}): AlertView {
  return {
    id: 'a3',
    rule: 'agent_down',
    subject: 'agent sandbox/steward',
    severity: 'critical',
    state: 'open',
    text: 'sandbox/steward is held: 10 quick ends in 10 min',
    numbers: {},
    command: 'adf release sandbox/steward',
    runs: ['r7m1'],
    openedAt: AT,
    closedAt: null,
    end: null,
    by: null,
    reason: null,
    ...rest,
  };
}

export function alertDetail(rest: Partial<AlertDetail> = {}): AlertDetail {
  return { alert: alertView(), messages: [], suggestions: [], explaining: { kind: 'none' }, ...rest };
}
/** A budget of the fleet, half of it used. */
export function budgetView(over: Partial<BudgetView> = {}): BudgetView {
  return {
    key: 'fleet day',
    window: 'day',
    from: AT - 37_845_000,
    until: AT + 48_555_000,
    state: 'free',
    used: { microUsd: 10_000_000, tokens: 5000, runs: 3, busyMs: 60_000 },
    limits: { microUsd: 20_000_000, tokens: null, runs: null, busyMs: null },
    subscriptionMicroUsd: 0,
    unpricedRuns: 0,
    uncountedRuns: 0,
    override: null,
    ...over,
  };
}
