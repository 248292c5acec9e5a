// Every ending, row by row: who answers for it, whether the breaker counts it, and how often it is tried again.

import { describe, expect, it } from 'vitest';

import {
  countsForBreaker,
  endingOf,
  treatmentOf,
  treatmentTable,
  type Ending,
  type Owner,
} from '../../../src/core/run/failure-class.ts';
import type { Outcome } from '../../../src/core/run/outcome.ts';

type Row = readonly [ending: Ending, owner: Owner, retries: number, session?: 'resume' | 'fresh' | undefined];

const ROWS: readonly Row[] = [
  ['succeeded', 'nobody', 0],
  ['agent_failure', 'project', 0],
  ['no_result', 'project', 0],
  ['empty_success', 'agent', 0],
  ['timed_out', 'project', 0],
  ['stalled', 'project', 0],
  ['oom', 'project', 0],
  ['output', 'project', 0],
  ['pids', 'project', 0],
  ['killed', 'project', 0],
  ['setup', 'project', 0],
  ['missing_program', 'project', 0],
  ['auth', 'credential', 0],
  ['billing', 'credential', 0],
  ['quota', 'credential', 0],
  ['rate', 'credential', 3, 'resume'],
  ['overload', 'provider', 3, 'resume'],
  ['network', 'provider', 3, 'resume'],
  ['context', 'agent', 1, 'fresh'],
  ['own_limit', 'agent', 0],
  ['bad_session', 'agent', 1, 'fresh'],
  ['did_not_start', 'factory', 1, 'resume'],
  ['precheck', 'agent', 0],
  ['lost', 'factory', 0],
  ['canceled', 'nobody', 0],
  ['refused', 'nobody', 0],
];

describe('the meaning of an ending', () => {
  for (const [ending, owner, retries, session] of ROWS) {
    it(`of ${ending}: ${owner} answers for it, tried again ${retries} times`, () => {
      const { owner: actual, retry, reason } = treatmentOf(ending);
      expect(actual).toBe(owner);
      expect(retry?.max ?? 0).toBe(retries);
      expect(retry?.session).toBe(session);
      expect(reason).toMatch(/^[A-Za-z].*[a-z]\.$/);
    });
  }

  it('is told for every ending in the table for README', () => {
    const table = treatmentTable();
    expect(table.split('\n').filter((line) => line.startsWith('| `'))).toHaveLength(ROWS.length);
    expect(table).toContain('| `rate` | holds the credential | 3×, after 10 s |');
    expect(table).toContain('| `context` | quarantines the agent | once, after 10 s, fresh session |');
  });
});

describe('what the breaker counts', () => {
  const counted: readonly Outcome[] = [
    { kind: 'failed', class: 'agent_failure', reason: 'exit 1' },
    { kind: 'failed', class: 'oom', reason: 'peak' },
    { kind: 'failed', class: 'missing_program', reason: 'no such program' },
    { kind: 'timed_out', limit: 'wall', reason: '2 h' },
    { kind: 'timed_out', limit: 'cpu', reason: '2 h' },
    { kind: 'stalled', reason: 'silent' },
  ];
  const uncounted: readonly Outcome[] = [
    { kind: 'succeeded' },
    { kind: 'failed', class: 'rate', reason: '429' },
    { kind: 'failed', class: 'auth', reason: '401' },
    { kind: 'failed', class: 'did_not_start', reason: 'limits' },
    { kind: 'canceled', by: 'operator', reason: 'asked' },
    { kind: 'canceled', by: 'drain', reason: 'drain' },
    { kind: 'refused', reasons: [] },
    { kind: 'lost', cause: 'reboot', reason: 'host rebooted' },
    { kind: 'lost', cause: 'keeper_died', reason: 'keeper died' },
  ];

  it.each(counted)('counts $kind $class$limit', (outcome) => {
    expect(countsForBreaker(outcome)).toBe(true);
  });

  it.each(uncounted)('does not count $kind $class$by$cause', (outcome) => {
    expect(countsForBreaker(outcome)).toBe(false);
  });

  it('names a failure by its class and everything else by its kind', () => {
    expect(endingOf({ kind: 'failed', class: 'quota', reason: '' })).toBe('quota');
    expect(endingOf({ kind: 'timed_out', limit: 'cpu', reason: '' })).toBe('timed_out');
  });
});
