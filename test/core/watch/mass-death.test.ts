import { describe, expect, it } from 'vitest';
import { afterDeath, deathHold, NO_DEATHS } from '../../../src/core/watch/mass-death.ts';

const TEN = Date.parse('2026-11-21T10:00:00Z');
const SECOND = 1000;
const HOLD_MS = 60 * SECOND;

/** What holds new starts directly after the last of these deaths. */
function heldAfter(...seconds: readonly number[]): ReturnType<typeof deathHold> {
  const instants = seconds.map((second) => TEN + second * SECOND);
  return deathHold(instants.reduce(afterDeath, NO_DEATHS), instants.at(-1) ?? TEN, HOLD_MS);
}

describe('deaths that nobody asked for', () => {
  it.each<[string, readonly number[], number | null]>([
    ['one', [0], null],
    ['two at once', [0, 0], null],
    ['three at once', [0, 0, 0], 3],
    ['three within 30 s', [0, 10, 30], 3],
    ['three within 31 s', [0, 10, 31], null],
    ['three of five found dead in one look', [7, 7, 7], 3],
    ['two of five found dead in one look', [7, 7], null],
    ['three, the first of them before the clock was set back', [100, 0, 10], null],
  ])('%s', (_, seconds, count) => {
    expect(heldAfter(...seconds)?.count ?? null).toBe(count);
  });

  it('hold starts for a minute after the last of them, and no longer', () => {
    const deaths = [0, 10, 30].map((second) => TEN + second * SECOND).reduce(afterDeath, NO_DEATHS);
    const until = TEN + 90 * SECOND;
    expect(deathHold(deaths, until - 1, HOLD_MS)).toEqual({ count: 3, until });
    expect(deathHold(deaths, until, HOLD_MS)).toBeNull();
  });

  it('hold nothing where the hold is 0', () => {
    expect(deathHold([0, 0, 0].map(() => TEN).reduce(afterDeath, NO_DEATHS), TEN, 0)).toBeNull();
  });

  it('hold for no longer than that when the clock is set back meanwhile', () => {
    const deaths = [0, 0, 0].map(() => TEN).reduce(afterDeath, NO_DEATHS);
    expect(deathHold(deaths, TEN - SECOND, HOLD_MS)).toBeNull();
  });

  it('are remembered within a bound', () => {
    expect(Array.from({ length: 500 }, () => TEN).reduce(afterDeath, NO_DEATHS).at).toHaveLength(100);
  });
});
