// No word that comes from outside brings a known secret into the ledger, whichever way it takes.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentKey, ProjectId } from '../../src/core/ids.ts';
import { redactedLedger } from '../../src/daemon/redacted-ledger.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { testLedger } from '../support/ledger.ts';

const SECRET = 'planted_5e1d-in-words';
const SAYS = `it is ${SECRET}, she said`;
const AT = Date.UTC(2026, 10, 22);
const ALERT = {
  rule: 'projects_failing',
  subject: { kind: 'factory' },
  severity: 'warning',
  text: SAYS,
  numbers: {},
  command: SAYS,
  runs: [],
  openedAt: AT,
} as unknown as Parameters<Ledger['alerts']['insert']>[0];

let dir = '';
let ledger: Ledger;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-redacted-'));
  ledger = redactedLedger(testLedger({ path: join(dir, 'ledger.db') }), () => [SECRET]);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function request() {
  return ledger.runs.insert({
    agent: 'web/a' as AgentKey,
    project: 'web' as ProjectId,
    trigger: { kind: 'operator' },
    priority: 0,
    requestedAt: AT,
    notBefore: AT,
    input: { task: SAYS, data: SAYS, args: [SAYS] },
    dedupeKey: null,
    configHash: 'x',
  });
}

function issue(): number {
  const rest = { project: null, marker: 'adf-1', labels: [], assignees: [], createdAt: AT };
  return ledger.issues.insert({ ...rest, title: SAYS, body: SAYS }).number;
}

const WAYS: Readonly<Record<string, () => void>> = {
  'the input of a request': () => request(),
  'the outcome of a run': () =>
    ledger.runs.update(request().id, {
      outcome: { kind: 'failed', class: 'agent', owner: 'project', reason: SAYS } as never,
    }),
  'a fact': () =>
    ledger.facts.append(
      { kind: 'workspace.stuck', path: SAYS, message: SAYS, retryAt: AT },
      { at: AT, mono: 1, actor: 'operator', configHash: 'x' },
    ),
  'a state': () => ledger.states.set('meta', 'r1', { text: SAYS }),
  'a reaction and its errors': () => {
    const row = { target: 'tracker', lane: 'web', unit: 'i1', naturalKey: 'k', effect: { body: SAYS }, createdAt: AT };
    ledger.outbox.add(row);
    ledger.outbox.retry(1, { nextAt: AT, error: SAYS });
    ledger.outbox.park(1, SAYS);
  },
  'an issue, its change and a comment': () => {
    const number = issue();
    ledger.issues.change(number, { body: SAYS, at: AT });
    ledger.issues.putComment({ issue: number, marker: null, body: SAYS, present: 'keep', at: AT });
  },
  'an alert and its conversation': () => {
    const { id } = ledger.alerts.insert(ALERT);
    ledger.alerts.update(id, { text: SAYS, reason: SAYS });
    ledger.alerts.say({ alert: id, at: AT, author: 'operator', by: 'ada', text: SAYS });
    const offered = ledger.alerts.suggest({ alert: id, action: 'pause', target: 'web', why: SAYS, at: AT } as never);
    ledger.alerts.settle({ ...offered, state: 'done', result: SAYS });
  },
};

it.each(Object.entries(WAYS))('%s', (_name, write) => {
  write();
  ledger.upkeep.checkpoint();
  ledger.close();
  const stored = readFileSync(join(dir, 'ledger.db'), 'latin1');
  expect(stored).toContain('she said');
  expect(stored).not.toContain(SECRET);
});
