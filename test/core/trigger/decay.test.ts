import { describe, expect, it } from 'vitest';
import { decayGate } from '../../../src/core/admission/gates/decay.ts';
import type { Snapshot } from '../../../src/core/admission/snapshot.ts';
import type { Outcome } from '../../../src/core/run/outcome.ts';
import type { Run } from '../../../src/core/run/run.ts';
import { afterRun, decayStand, effectOf, factorOf } from '../../../src/core/trigger/decay.ts';
import type { Decay } from '../../../src/core/trigger/decay.ts';
import { cron, zones } from '../../support/schedules.ts';

const MINUTE = 60_000;
const TEN = Date.parse('2026-11-21T10:00:00Z');
const idle = (streak: number, over: Partial<Decay> = {}): Decay => ({
  version: 1,
  streak,
  slotAt: TEN,
  inputs: 'a',
  ...over,
});

describe('what a run came to', () => {
  it.each<{ what: string; outcome: Outcome; actions: number | null; effect: string }>([
    {
      what: 'an empty success',
      outcome: { kind: 'failed', class: 'empty_success', reason: '' },
      actions: 0,
      effect: 'none',
    },
    { what: 'a success that only looked', outcome: { kind: 'succeeded' }, actions: 0, effect: 'none' },
    { what: 'a success with one tool call', outcome: { kind: 'succeeded' }, actions: 1, effect: 'some' },
    { what: 'a success whose calls nobody tells', outcome: { kind: 'succeeded' }, actions: null, effect: 'some' },
    {
      what: 'a failure',
      outcome: { kind: 'failed', class: 'agent_failure', reason: '' },
      actions: 0,
      effect: 'unknown',
    },
    { what: 'a time-out', outcome: { kind: 'timed_out', limit: 'wall' } as Outcome, actions: 0, effect: 'unknown' },
  ])('$what has effect: $effect', ({ outcome, actions, effect }) => {
    expect(effectOf(outcome, actions)).toBe(effect);
  });
});

describe('what is remembered', () => {
  const run = { slotAt: TEN + MINUTE, inputs: 'a' };
  it.each<[string, ReturnType<typeof afterRun>, number | null]>([
    ['a first idle run begins a streak', afterRun(null, run, 'none'), 1],
    ['another one makes it longer', afterRun(idle(3), run, 'none'), 4],
    ['other inputs begin a new one', afterRun(idle(3), { ...run, inputs: 'b' }, 'none'), 1],
    ['a wish that is no slot begins a new one', afterRun(idle(3), { ...run, slotAt: null }, 'none'), 1],
    ['a change ends it', afterRun(idle(9), run, 'some'), null],
    ['a failure leaves it', afterRun(idle(4), run, 'unknown'), 4],
    ['a failure on other inputs ends it', afterRun(idle(4), { ...run, inputs: 'b' }, 'unknown'), null],
    ['a failure begins none', afterRun(null, run, 'unknown'), null],
  ])('%s', (_, after, streak) => {
    expect(after?.streak ?? null).toBe(streak);
  });

  it('counts the distance from the last run, also from one that failed', () => {
    expect(afterRun(idle(4), run, 'unknown')?.slotAt).toBe(TEN + MINUTE);
  });
});

describe('the slots of an agent without effect', () => {
  it('get 2, 4, 8 and at most 16 times as far apart, from the third idle run on', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 40].map(factorOf)).toEqual([1, 1, 1, 2, 4, 8, 16, 16, 16]);
  });

  const rule = { schedule: cron('* * * * *'), zone: zones('UTC') };
  it.each<{ what: string; decay: Decay; minutes: number; until: number | null }>([
    { what: 'all run after two idle runs', decay: idle(2), minutes: 1, until: null },
    { what: 'the first after three is left out', decay: idle(3), minutes: 1, until: 2 },
    { what: 'the second runs', decay: idle(3), minutes: 2, until: null },
    { what: 'the fifteenth after six is left out', decay: idle(6), minutes: 15, until: 16 },
    { what: 'the sixteenth runs', decay: idle(6), minutes: 16, until: null },
    { what: 'all run after a run that was no slot', decay: idle(6, { slotAt: null }), minutes: 1, until: null },
    { what: 'one from before the clock was set back runs', decay: idle(6), minutes: -5, until: null },
    { what: 'the same instant after the clock was set back runs', decay: idle(6), minutes: 0, until: null },
  ])('$what', ({ decay, minutes, until }) => {
    const stand = decayStand(decay, rule, TEN + minutes * MINUTE);
    expect(stand?.until ?? null).toBe(until === null ? null : TEN + until * MINUTE);
  });

  it('are refused with the numbers, until when, and what else wakes it', () => {
    const decay = decayStand(idle(4), rule, TEN + MINUTE);
    const said = decayGate({} as Run, { decay } as Snapshot);
    expect(said).toMatchObject([
      {
        kind: 'refuse',
        reason: {
          code: 'no_effect',
          text: expect.stringMatching(
            /^its last 4 runs changed nothing, .* 4 times as far apart; next 2026-11-21 10:04:00 UTC, or once its task/,
          ) as string,
          numbers: { streak: 4, factor: 4 },
          retryAt: TEN + 4 * MINUTE,
        },
      },
    ]);
    expect(decayGate({} as Run, { decay: null } as Snapshot)).toEqual([]);
  });
});
