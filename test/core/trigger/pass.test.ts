import { describe, expect, it } from 'vitest';
import type { ClockReading, SchedulerState } from '../../../src/core/trigger/clock-step.ts';
import { nextDue, pass } from '../../../src/core/trigger/pass.ts';
import type { PassInput, PassResult } from '../../../src/core/trigger/pass.ts';
import { jitterOf } from '../../../src/core/trigger/jitter.ts';
import { scheduledAgent } from '../../support/schedules.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const T = Date.parse('2026-11-21T10:00:00Z');
const UP = 10 * HOUR;

function reading(wallMs: number, monotonicMs: number, bootId = 'boot-1'): ClockReading {
  return { wallMs, monotonicMs, bootId };
}

function stateAt(wallMs: number, monotonicMs = UP, epoch = 0): SchedulerState {
  return { watermarkMs: wallMs, epoch, reading: reading(wallMs, monotonicMs) };
}

function run(over: Partial<PassInput>): PassResult {
  return pass({
    isFirst: false,
    state: stateAt(T),
    now: reading(T + 10 * SECOND, UP + 10 * SECOND),
    agents: [],
    ranBefore: () => false,
    ...over,
  });
}

describe('a pass', () => {
  it('of a new state directory has nothing due and begins now', () => {
    const now = reading(T, UP);
    expect(run({ state: null, now, isFirst: true, agents: [scheduledAgent('* * * * *')] })).toEqual({
      due: [],
      missed: [],
      facts: [],
      state: { watermarkMs: T, epoch: 0, reading: now },
      isRewound: false,
    });
  });

  it('gives the slots after the watermark and up to now, each under its epoch', () => {
    const agents = [scheduledAgent('* * * * *', { key: 'a' }), scheduledAgent('30 * * * * *', { key: 'b' })];
    const now = reading(T + MINUTE, UP + MINUTE - 50 * SECOND);
    const result = run({ state: stateAt(T + 50 * SECOND, UP, 3), now, agents });
    expect(result.due).toEqual([{ agent: 'a', epoch: 3, at: T + MINUTE, notBefore: T + MINUTE }]);
    expect(result).toMatchObject({ missed: [], facts: [], isRewound: false });
    expect(result.state).toEqual({ watermarkMs: T + MINUTE, epoch: 3, reading: now });
  });

  it('that repeats itself finds nothing', () => {
    const agents = [scheduledAgent('* * * * *')];
    const first = run({ state: stateAt(T - 1), now: reading(T, UP), agents });
    expect(first.due).toHaveLength(1);
    expect(run({ state: first.state, now: reading(T, UP), agents }).due).toEqual([]);
  });

  it('moves no watermark back for a clock that is slewed', () => {
    const result = run({ now: reading(T - 3 * SECOND, UP + SECOND), agents: [scheduledAgent('* * * * * *')] });
    expect(result).toMatchObject({ due: [], missed: [], facts: [], state: { watermarkMs: T, epoch: 0 } });
  });

  it('gives an agent the slots after its schedule came into force', () => {
    const since = { atMs: T + MINUTE, epoch: 0 };
    const agent = scheduledAgent('* * * * *', { since, misfire: { policy: 'run_all', lateOkMs: 0 } });
    const now = reading(T + 3 * MINUTE, UP + 3 * MINUTE);
    expect(run({ now, agents: [agent] }).due.map(({ at }) => at)).toEqual([T + 2 * MINUTE, T + 3 * MINUTE]);
    const later = run({ state: stateAt(T, UP, 1), now, agents: [agent] });
    expect(later.due.map(({ at }) => at)).toEqual([T + MINUTE, T + 2 * MINUTE, T + 3 * MINUTE]);
  });

  it('counts jitter as part of being due, while the slot keeps its name', () => {
    const agent = scheduledAgent('0 * * * *', { key: 'web/steward', jitterMs: 60_000 });
    const delay = jitterOf('web/steward', 60_000);
    const before = { state: stateAt(T - SECOND), agents: [agent] };
    expect(run({ ...before, now: reading(T + delay - 1, UP + delay) }).due).toEqual([]);
    const [slot] = run({ ...before, now: reading(T + delay, UP + delay) }).due;
    expect(slot).toEqual({ agent: 'web/steward', epoch: 0, at: T, notBefore: T + delay });
    expect(nextDue(agent, stateAt(T - SECOND))).toBe(T + delay);
    expect(nextDue(agent, stateAt(T + delay - 1))).toBe(T + delay);
    expect(nextDue(agent, stateAt(T + delay))).toBe(T + HOUR + delay);
  });
});

describe('the first pass of a process', () => {
  it('misses by policy what came due while the factory was down', () => {
    const agents = [scheduledAgent('0 * * * *')];
    const result = run({
      isFirst: true,
      state: stateAt(T - 24 * HOUR),
      now: reading(T + 10 * MINUTE, MINUTE, 'boot-2'),
      agents,
    });
    expect(result.due).toEqual([]);
    expect(result.missed).toMatchObject([
      { agent: 'steward', epoch: 0, from: T - 23 * HOUR, to: T, count: 24, reason: { code: 'missed.down' } },
    ]);
  });

  it.each([
    ['119 s after a boot waits for the second that is left', 119 * SECOND, T + 10 * SECOND + SECOND],
    ['120 s after a boot waits no more', 120 * SECOND, T],
  ])('%s', (_title, uptime, notBefore) => {
    const now = reading(T + 10 * SECOND, uptime, 'boot-2');
    const result = run({ isFirst: true, state: stateAt(T - MINUTE), now, agents: [scheduledAgent('0 * * * *')] });
    expect(result.due).toMatchObject([{ at: T, notBefore }]);
  });

  it('tells whole milliseconds, though the monotonic clock has fractions', () => {
    const now = reading(T + 10 * SECOND, 100_000.123456, 'boot-2');
    const result = run({ isFirst: true, state: stateAt(T - MINUTE), now, agents: [scheduledAgent('0 * * * *')] });
    expect(result.due).toMatchObject([{ notBefore: T + 30 * SECOND }]);
    const state = { ...stateAt(T), reading: reading(T, 0.5) };
    expect(run({ state, now: reading(T + HOUR, 20_000.25) }).facts).toEqual([
      { kind: 'clock.stepped', byMs: HOUR - 20_000, epoch: 0 },
      { kind: 'scheduler.late', byMs: 5_000 },
    ]);
  });

  it('spaces a catch-up after the quiet time', () => {
    const agent = scheduledAgent('0 * * * *', { misfire: { policy: 'run_all', lateOkMs: 0 } });
    const now = reading(T + MINUTE, 100 * SECOND, 'boot-2');
    const result = run({ isFirst: true, state: stateAt(T - 90 * MINUTE), now, agents: [agent] });
    expect(result.due.map(({ notBefore }) => (notBefore - now.wallMs) / SECOND)).toEqual([20, 25]);
  });

  it('is never late itself', () => {
    expect(run({ isFirst: true, now: reading(T + HOUR, UP + HOUR) }).facts).toEqual([]);
  });
});

describe('slots after the start', () => {
  it('know no quiet time', () => {
    const state = { ...stateAt(T - SECOND), reading: reading(T - SECOND, 29 * SECOND) };
    const result = run({ state, now: reading(T, 30 * SECOND), agents: [scheduledAgent('0 * * * *')] });
    expect(result.due).toMatchObject([{ at: T, notBefore: T }]);
  });
});

describe('a loop that was blocked', () => {
  it.each([
    ['for 20 s right after a pass tells so once, without a step', 20, [{ kind: 'scheduler.late', byMs: 5_000 }]],
    ['until the longest pause and 2 s more tells nothing', 17, []],
    ['a moment longer tells so', 17.001, [{ kind: 'scheduler.late', byMs: 2_001 }]],
  ])('%s', (_title, seconds, facts) => {
    const elapsed = seconds * SECOND;
    const first = run({ now: reading(T + elapsed, UP + elapsed), agents: [scheduledAgent('* * * * *')] });
    expect(first.facts).toEqual(facts);
    const next = run({ state: first.state, now: reading(T + elapsed + 15_000, UP + elapsed + 15_000) });
    expect(next.facts).toEqual([]);
  });

  it('runs the slot that came due meanwhile', () => {
    const result = run({
      state: stateAt(T - SECOND),
      now: reading(T + 19 * SECOND, UP + 20 * SECOND),
      agents: [scheduledAgent('* * * * *')],
    });
    expect(result.due).toMatchObject([{ at: T }]);
    expect(result.missed).toEqual([]);
  });
});

describe('a fixed slot', () => {
  const state = stateAt(T - SECOND, UP, 2);
  const now = reading(T, UP + SECOND);

  it('that ran in an earlier epoch is a duplicate', () => {
    const asked: unknown[] = [];
    const ranBefore = (...about: unknown[]): boolean => asked.push(about) > 0;
    const result = run({ state, now, agents: [scheduledAgent('0 10 * * *')], ranBefore });
    expect(result.due).toEqual([]);
    expect(result.missed).toMatchObject([
      { agent: 'steward', epoch: 2, from: T, to: T, count: 1, reason: { code: 'duplicate.clock_step' } },
    ]);
    expect(asked).toEqual([['steward', T, 2]]);
  });

  it('that did not run before, runs', () => {
    expect(run({ state, now, agents: [scheduledAgent('0 10 * * *')] }).due).toMatchObject([{ at: T, epoch: 2 }]);
  });

  it('of an interval runs again', () => {
    const result = run({ state, now, agents: [scheduledAgent('0 * * * *')], ranBefore: () => true });
    expect(result.due).toMatchObject([{ at: T, epoch: 2 }]);
  });

  it('of the first epoch is not asked about', () => {
    const ranBefore = (): boolean => {
      throw new Error('asked');
    };
    expect(
      run({ state: stateAt(T - SECOND), now, agents: [scheduledAgent('0 10 * * *')], ranBefore }).due,
    ).toHaveLength(1);
  });
});
