// Failures in the last hour and restarts in the last day: both sides of each edge, the same after a restart.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptId } from '../../../src/core/ids.ts';
import type { AgentKey } from '../../../src/core/ids.ts';
import type { Attempt } from '../../../src/core/run/run.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { testLedger } from '../../support/ledger.ts';

const AGENT = 'watch/dog' as AgentKey;
const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let dir: string;
let ledger: Ledger;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-windows-'));
  ledger = testLedger({ path: join(dir, 'ledger.db') });
});
afterEach(() => {
  ledger.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A Safety run that failed; it was started at `at` and ended then. */
function failedAt(at: number): void {
  const run = ledger.runs.insert({
    agent: AGENT,
    project: null,
    trigger: { kind: 'safety', replica: 0 },
    priority: 0,
    requestedAt: at,
    notBefore: at,
    input: {},
    dedupeKey: null,
    configHash: 'h',
  });
  const outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' } as const;
  const attempt: Attempt = {
    id: attemptId(run.id, 1),
    run: run.id,
    number: 1,
    purpose: 'main',
    state: 'ended',
    intendedAt: at,
    startedAt: at,
    endedAt: at,
    identity: null,
    bootId: 'boot-a',
    outPath: '/o',
    errPath: null,
    sessionId: null,
    sessionFrom: null,
    provider: null,
    limits: {},
    stopPlans: {},
    definition: null,
    stop: null,
    outcome,
    exit: { code: 1, signal: null },
    kernel: null,
    note: null,
  };
  ledger.attempts.insert(attempt);
  ledger.attempts.update(attempt.id, { startedAt: at, endedAt: at, outcome });
  ledger.runs.update(run.id, { state: 'ended', startedAt: at, endedAt: at, attempts: 1, outcome });
}

function counts(): { readonly failures: number; readonly restarts: number } {
  return {
    failures: ledger.runs.ends({ agent: AGENT }, NOW - HOUR_MS, NOW).failed,
    restarts: ledger.runs.restarts(AGENT, NOW - DAY_MS, NOW),
  };
}

describe('the windows of an agent', () => {
  it('hold what lies within them, and nothing on their far edge', () => {
    failedAt(NOW - 3 * DAY_MS);
    expect(counts()).toEqual({ failures: 0, restarts: 0 });
    failedAt(NOW - DAY_MS);
    expect(counts()).toEqual({ failures: 0, restarts: 0 });
    failedAt(NOW - DAY_MS + 1);
    expect(counts()).toEqual({ failures: 0, restarts: 1 });
    failedAt(NOW - HOUR_MS);
    expect(counts()).toEqual({ failures: 0, restarts: 2 });
    failedAt(NOW - HOUR_MS + 1);
    expect(counts()).toEqual({ failures: 1, restarts: 3 });
    failedAt(NOW);
    expect(counts()).toEqual({ failures: 2, restarts: 4 });
  });

  it('are the same after a restart', () => {
    failedAt(NOW - DAY_MS + 1);
    failedAt(NOW - HOUR_MS + 1);
    failedAt(NOW);
    const before = counts();
    ledger.close();
    ledger = testLedger({ path: join(dir, 'ledger.db'), pid: 2 });
    expect([before, counts()]).toEqual([{ failures: 2, restarts: 2 }, before]);
  });
});
