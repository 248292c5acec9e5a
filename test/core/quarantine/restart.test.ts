import { describe, expect, it } from 'vitest';
import { describeQuarantine } from '../../../src/core/quarantine/reason.ts';
import {
  NO_RESTARTS,
  RESTART_CAP_MS,
  RESTART_LIMIT,
  RESTART_STABLE_MS,
  RESTART_WINDOW_MS,
  readRestarts,
  restartAfter,
} from '../../../src/core/quarantine/restart.ts';
import type { RestartDecision, Restarts } from '../../../src/core/quarantine/restart.ts';
import type { Outcome } from '../../../src/core/run/outcome.ts';

const NOW = 1_763_721_045_000;
const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
const DRAINED: Outcome = { kind: 'canceled', by: 'drain', reason: '' };

function end(before: Restarts, changes: Partial<Parameters<typeof restartAfter>[1]> = {}): RestartDecision {
  return restartAfter(readRestarts(JSON.parse(JSON.stringify(before))), {
    outcome: FAILED,
    ranMs: 100,
    now: NOW,
    chance: 0.5,
    ...changes,
  });
}

/** `count` ends, `everyMs` apart, the last one at NOW. */
function endings(count: number, everyMs: number, changes: Partial<Parameters<typeof restartAfter>[1]> = {}) {
  let decision: RestartDecision = { kind: 'restart', at: 0, state: NO_RESTARTS };
  for (let index = 1; index <= count; index += 1) {
    decision = end(decision.state, { now: NOW - (count - index) * everyMs, ...changes });
  }
  return decision;
}

describe('the wait before a Safety agent is started again', () => {
  it('doubles with each quick end, up to its cap', () => {
    const waits = [1, 2, 3, 4, 7, 8, 9].map((count) => {
      const decision = endings(count, 1000);
      return decision.kind === 'restart' ? decision.at - NOW : null;
    });
    expect(waits).toEqual([500, 1000, 2000, 4000, 30_000, 30_000, 30_000]);
  });

  it.each([
    [0, 0],
    [0.999_999, RESTART_CAP_MS - 1],
  ])('has full jitter: chance %d gives %i ms of the cap', (chance, ms) => {
    expect(endings(9, 1000, { chance })).toMatchObject({ kind: 'restart', at: NOW + ms });
  });

  it.each([
    [RESTART_STABLE_MS - 1, 8000],
    [RESTART_STABLE_MS, 500],
  ])('begins anew after a run of %i ms or not: %i ms', (ranMs, wait) => {
    const { state } = endings(4, 1000);
    expect(end(state, { ranMs })).toMatchObject({ kind: 'restart', at: NOW + wait });
  });
});

describe('restarting too often', () => {
  it.each<[string, Outcome]>([
    ['failures', FAILED],
    ['successes', { kind: 'succeeded' }],
  ])('holds the agent after ten quick %s, and says so', (_what, outcome) => {
    expect(endings(RESTART_LIMIT - 1, 1000, { outcome }).kind).toBe('restart');
    const held = endings(RESTART_LIMIT, 1000, { outcome });
    expect(held).toMatchObject({ kind: 'quarantine', reason: { kind: 'restarts_too_often', ends: 10 } });
    expect(held.state).toEqual(NO_RESTARTS);
    expect(held.kind === 'quarantine' && describeQuarantine(held.reason)).toContain(
      'ended quickly 10 times within 10 min, the last time',
    );
  });

  it.each([
    [RESTART_WINDOW_MS - 1, 'quarantine'],
    [RESTART_WINDOW_MS, 'restart'],
  ])('counts an end that is %i ms old or not: %s', (ageMs, kind) => {
    const old = {
      version: 1,
      quickEnds: 9,
      endedAt: [NOW - ageMs, ...Array.from({ length: 8 }, () => NOW - 10)],
    } as const;
    expect(end(old).kind).toBe(kind);
  });

  it('does not count ends of runs that were up', () => {
    expect(endings(30, 1000, { ranMs: RESTART_STABLE_MS }).kind).toBe('restart');
  });

  it.each<Outcome>([
    DRAINED,
    { kind: 'lost', cause: 'reboot', reason: '' },
    { kind: 'failed', class: 'did_not_start', reason: '' },
    { kind: 'refused', reasons: [] },
  ])('does not hold an agent for $kind $class', (outcome) => {
    expect(endings(30, 1000, { outcome })).toMatchObject({ kind: 'restart', state: { endedAt: [] } });
  });

  it('forgets ends that lie in the future after the clock was set back', () => {
    const { state } = endings(9, 1000);
    expect(end(state, { now: NOW - 3_600_000 }).kind).toBe('restart');
  });
});

describe('a stored restart state', () => {
  it('is empty where nothing was stored, and refused from a newer version', () => {
    expect(readRestarts(null)).toEqual(NO_RESTARTS);
    expect(() => readRestarts({ version: 2 })).toThrow(expect.objectContaining({ code: 'restart.unreadable' }));
  });
});
