import { describe, expect, it } from 'vitest';
import { RETRY_AFTER_CAP_MS, RETRY_CAP_MS, retryDecision } from '../../../src/core/react/retry.ts';
import type { RetryInput } from '../../../src/core/react/retry.ts';
import type { FailureClass, Outcome } from '../../../src/core/run/outcome.ts';

const NOW = 1_000_000;
const failed = (failureClass: FailureClass): Outcome => ({ kind: 'failed', class: failureClass, reason: '' });
const decide = (outcome: Outcome, changes: Partial<RetryInput> = {}) =>
  retryDecision(outcome, {
    rule: null,
    driver: 'claude',
    attempts: 1,
    now: NOW,
    chance: 0.5,
    retryAfterMs: null,
    ...changes,
  });
const waitOf = (outcome: Outcome, changes: Partial<RetryInput> = {}) => {
  const decision = decide(outcome, changes);
  return decision.kind === 'retry' ? decision.at - NOW : null;
};

describe('retry by default', () => {
  it.each<[FailureClass, number, 'resume' | 'fresh']>([
    ['rate', 3, 'resume'],
    ['overload', 3, 'resume'],
    ['network', 3, 'resume'],
    ['context', 1, 'fresh'],
    ['bad_session', 1, 'fresh'],
    ['did_not_start', 1, 'resume'],
  ])('%s is tried again %i times, session: %s', (failureClass, max, session) => {
    expect(decide(failed(failureClass), { attempts: max })).toMatchObject({ kind: 'retry', session });
    expect(decide(failed(failureClass), { attempts: max + 1 })).toMatchObject({ kind: 'no' });
  });

  it.each<FailureClass>([
    'agent_failure',
    'no_result',
    'empty_success',
    'auth',
    'billing',
    'quota',
    'own_limit',
    'setup',
    'missing_program',
    'precheck',
    'oom',
    'output',
    'pids',
    'killed',
  ])('%s is not', (failureClass) => {
    expect(decide(failed(failureClass)).kind).toBe('no');
  });

  it('is never for a program', () => {
    expect(decide(failed('did_not_start'), { driver: 'exec' }).kind).toBe('no');
  });

  it.each([
    [1, 10_000],
    [2, 20_000],
    [3, 40_000],
  ])('doubles from 10 s: after attempt %i, %i ms', (attempts, ms) => {
    expect(waitOf(failed('rate'), { attempts })).toBe(ms);
  });

  it('begins at 45 s for an overloaded provider', () => {
    expect(waitOf(failed('overload'))).toBe(45_000);
  });

  it.each([
    [0, 7500],
    [0.5, 10_000],
    [1, 12_500],
  ])('varies by a quarter: chance %d gives %i ms', (chance, ms) => {
    expect(waitOf(failed('rate'), { chance })).toBe(ms);
  });

  it('says which attempt comes and why', () => {
    expect(decide(failed('rate'), { attempts: 2 })).toMatchObject({ reason: 'rate: attempt 3 of 4' });
    expect(decide(failed('rate'), { attempts: 4 })).toMatchObject({ reason: 'rate: 4 of 4 attempts made' });
  });
});

describe("the provider's retry-after", () => {
  it('wins when it is longer, and only then', () => {
    expect(waitOf(failed('rate'), { retryAfterMs: 3_600_000 })).toBe(3_600_000);
    expect(waitOf(failed('rate'), { retryAfterMs: 1000 })).toBe(10_000);
    expect(decide(failed('rate'), { retryAfterMs: 60_000 })).toMatchObject({
      reason: 'rate: attempt 2 of 4, as late as the provider asked',
    });
  });

  it('is believed for a day at most', () => {
    expect(waitOf(failed('rate'), { retryAfterMs: RETRY_AFTER_CAP_MS * 30 })).toBe(RETRY_AFTER_CAP_MS);
  });
});

describe('retry by the rule of the agent', () => {
  const rule = { max: 10, backoffMs: 60_000, capMs: 120_000 };

  it.each<Outcome>([
    failed('agent_failure'),
    failed('no_result'),
    failed('oom'),
    { kind: 'timed_out', limit: 'wall', reason: '' },
    { kind: 'stalled', reason: '' },
  ])('covers $kind $class, for a program too, in a fresh session', (outcome) => {
    expect(decide(outcome, { rule, driver: 'exec' })).toMatchObject({ kind: 'retry', session: 'fresh' });
  });

  it.each<FailureClass>(['auth', 'billing', 'quota', 'setup', 'missing_program'])(
    'does not cover %s: it would end the same',
    (failureClass) => {
      expect(decide(failed(failureClass), { rule }).kind).toBe('no');
    },
  );

  it('sets the first wait, the cap and the number', () => {
    expect([1, 2, 3, 10].map((attempts) => waitOf(failed('oom'), { rule, attempts }))).toEqual([
      60_000, 120_000, 120_000, 120_000,
    ]);
    expect(decide(failed('oom'), { rule, attempts: 11 }).kind).toBe('no');
  });

  it('may forbid every retry', () => {
    expect(decide(failed('rate'), { rule: { ...rule, max: 0 } }).kind).toBe('no');
  });
});

describe('no retry', () => {
  it.each<Outcome>([
    { kind: 'succeeded' },
    { kind: 'canceled', by: 'operator', reason: '' },
    { kind: 'refused', reasons: [] },
    { kind: 'lost', cause: 'reboot', reason: '' },
  ])('follows $kind, whatever the rule', (outcome) => {
    expect(decide(outcome, { rule: { max: 9, backoffMs: 1, capMs: RETRY_CAP_MS } }).kind).toBe('no');
  });
});
