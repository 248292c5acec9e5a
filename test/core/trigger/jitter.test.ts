import { describe, expect, it } from 'vitest';
import { jitterOf } from '../../../src/core/trigger/jitter.ts';

describe('the delay of an agent', () => {
  it('is the same every time, and another one for another name', () => {
    expect(jitterOf('web/steward', 60_000)).toBe(jitterOf('web/steward', 60_000));
    expect(jitterOf('web/steward', 60_000)).not.toBe(jitterOf('web/stewart', 60_000));
  });

  it('stays what it was released as, or every update would move the fleet', () => {
    expect(['a', 'b', 'web/steward', 'käfer'].map((key) => jitterOf(key, 60_000))).toEqual([
      6_211, 30_649, 10_487, 21_190,
    ]);
  });

  it.each([0, -1])('is 0 for a jitter of %i', (jitter) => {
    expect(jitterOf('a', jitter)).toBe(0);
  });

  it('takes both ends of its range', () => {
    const delays = new Set(Array.from({ length: 200 }, (_, index) => jitterOf(`agent-${index}`, 3)));
    expect(delays).toEqual(new Set([0, 1, 2, 3]));
  });

  it('spreads numbered names evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const tenth = Math.floor(jitterOf(`project-${index % 7}/agent-${index}`, 999) / 100);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });
});
