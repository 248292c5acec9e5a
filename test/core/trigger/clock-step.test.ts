import { describe, expect, it } from 'vitest';
import type { ClockStep } from '../../../src/core/trigger/clock-step.ts';
import { clockStep } from '../../../src/core/trigger/clock-step.ts';

const HOUR = 3_600_000;
const T = Date.UTC(2026, 10, 21, 10);
const state = { watermarkMs: T, epoch: 0, reading: { wallMs: T, monotonicMs: 1_000_000, bootId: 'a' } };

describe('a step of the wall clock', () => {
  it.each<[string, number, number, ClockStep]>([
    ['none while both clocks go on', 15_000, 15_000, { kind: 'none' }],
    ['none when a blocked loop looks again after 20 s', 20_000, 20_000, { kind: 'none' }],
    ['none for 5 s forward', 20_000, 15_000, { kind: 'none' }],
    ['a step for more than 5 s forward', 20_001, 15_000, { kind: 'step', byMs: 5_001, isRewound: false }],
    ['none for 5 s back', 10_000, 15_000, { kind: 'none' }],
    [
      'a step for more than 5 s back, also while the watermark lies behind',
      9_999,
      15_000,
      { kind: 'step', byMs: -5_001, isRewound: true },
    ],
    ['+72 h', 72 * HOUR + 15_000, 15_000, { kind: 'step', byMs: 72 * HOUR, isRewound: false }],
    ['-1 h', -HOUR + 15_000, 15_000, { kind: 'step', byMs: -HOUR, isRewound: true }],
    ['-1 h while the factory was down for 2 h', HOUR, 2 * HOUR, { kind: 'step', byMs: -HOUR, isRewound: true }],
  ])('is %s', (_title, ...[wall, monotonic, expected]) => {
    expect(clockStep(state, { wallMs: T + wall, monotonicMs: 1_000_000 + monotonic, bootId: 'a' })).toEqual(expected);
  });

  it.each<[string, number, ClockStep]>([
    ['a forward difference proves nothing', 72 * HOUR, { kind: 'none' }],
    ['a watermark 5 s ahead is none', -5_000, { kind: 'none' }],
    ['a watermark more than 5 s ahead is one', -5_001, { kind: 'step', byMs: -5_001, isRewound: true }],
    ['a clock without battery is one', -T, { kind: 'step', byMs: -T, isRewound: true }],
  ])('after a reboot: %s', (_title, ...[wall, expected]) => {
    expect(clockStep(state, { wallMs: T + wall, monotonicMs: 9_000, bootId: 'b' })).toEqual(expected);
  });

  it('is seen when many small steps back add up to more than 5 s', () => {
    let reading = state.reading;
    const seen: unknown[] = [];
    for (let pass = 0; pass < 3; pass += 1) {
      reading = { ...reading, wallMs: reading.wallMs - 3_000, monotonicMs: reading.monotonicMs + 1_000 };
      const { wallMs } = reading;
      seen.push(
        clockStep(
          { ...state, reading: { ...reading, wallMs: wallMs + 2_000, monotonicMs: reading.monotonicMs - 1_000 } },
          reading,
        ),
      );
    }
    expect(seen).toEqual([
      { kind: 'none' },
      { kind: 'step', byMs: -6_000, isRewound: true },
      { kind: 'step', byMs: -9_000, isRewound: true },
    ]);
  });
});
