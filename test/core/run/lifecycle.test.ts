// The drawn moves of a run, all of them.

import { expect, it } from 'vitest';
import { advance, isBetweenAttempts, LIVE_STATES } from '../../../src/core/run/lifecycle.ts';
import type { RunEvent, RunState } from '../../../src/core/run/lifecycle.ts';

const EVENTS: readonly RunEvent[] = [
  'admit',
  'precheck',
  'prepare',
  'launch',
  'started',
  'stop',
  'retry',
  'restore',
  'end',
];

it.each<[RunState, string]>([
  ['waiting', 'admit>claimed end>ended'],
  ['claimed', 'precheck>prechecking prepare>preparing launch>starting restore>waiting end>ended'],
  ['prechecking', 'prepare>preparing launch>starting stop>stopping restore>waiting end>ended'],
  ['preparing', 'launch>starting stop>stopping restore>waiting end>ended'],
  ['starting', 'started>running stop>stopping retry>waiting restore>waiting end>ended'],
  ['running', 'stop>stopping retry>waiting restore>waiting end>ended'],
  ['stopping', 'started>stopping stop>stopping retry>waiting restore>waiting end>ended'],
  ['ended', ''],
])('from %s lead only these', (state, expected) => {
  const moves = EVENTS.flatMap((event) => {
    const next = advance(state, event);
    return next === null ? [] : [`${event}>${next}`];
  });
  expect(moves.join(' ')).toBe(expected);
});

it('every live state can be put back and ended', () => {
  expect(LIVE_STATES.map((state) => [advance(state, 'restore'), advance(state, 'end')])).toEqual(
    LIVE_STATES.map(() => ['waiting', 'ended']),
  );
});

it.each<[RunState, number, boolean]>([
  ['waiting', 0, false],
  ['waiting', 1, true],
  ['starting', 1, false],
])('is between attempts: %s after %i', (state, attempts, expected) => {
  expect(isBetweenAttempts({ state, attempts })).toBe(expected);
});
