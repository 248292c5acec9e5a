import { array, assert, boolean, constantFrom, integer, nat, oneof, property, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerRule } from '../../../src/core/fleet.ts';
import { BreakerModel } from '../../support/breaker-model.ts';
import type { PlainStep, Step } from '../../support/breaker-model.ts';
import { breakerRule } from '../../support/breaker-world.ts';

const SEED = 20_261_121;
const SEQUENCES = 10_000;
const MINUTE = 60_000;

const plain = (...names: readonly PlainStep['do'][]) => constantFrom(...names).map((name): Step => ({ do: name }));

const steps: Arbitrary<readonly Step[]> = array(
  oneof(
    { weight: 6, arbitrary: nat(5).map((which): Step => ({ do: 'dispatch', which })) },
    { weight: 6, arbitrary: nat(5).map((which): Step => ({ do: 'end_badly', which })) },
    { weight: 2, arbitrary: nat(5).map((which): Step => ({ do: 'end_well', which })) },
    { weight: 1, arbitrary: nat(5).map((which): Step => ({ do: 'end_uncounted', which })) },
    { weight: 8, arbitrary: plain('flag_work', 'flag_answer') },
    { weight: 4, arbitrary: plain('remove', 'tick') },
    { weight: 2, arbitrary: plain('touch', 'look') },
    { weight: 2, arbitrary: plain('issue_work', 'flag_crash', 'flag_refused', 'restart', 'refuse_probe') },
    { weight: 1, arbitrary: plain('resume', 'reset', 'isolate', 'trip', 'move_dir') },
    { weight: 1, arbitrary: integer({ min: 1, max: 90 }).map((m): Step => ({ do: 'pass', ms: m * MINUTE })) },
    {
      weight: 1,
      arbitrary: integer({ min: -90, max: 90 }).map((m): Step => ({ do: 'step_clock', ms: m * MINUTE })),
    },
  ),
  { maxLength: 100, size: 'max' },
);

const rules: Arbitrary<BreakerRule> = record({
  threshold: constantFrom(0, 1, 2, 3),
  probeFirst: boolean(),
  autoResumeAfterMs: constantFrom(null, 30 * MINUTE),
  sameClass: constantFrom(null, { count: 2, windowMs: 60 * MINUTE }),
}).map(breakerRule);

describe('any sequence of endings, flags touched and removed, crashes, restarts and clock steps', () => {
  it('keeps every promise of the breaker', { timeout: 300_000 }, () => {
    let starts = 0;
    let trips = 0;
    assert(
      property(rules, steps, (rule, sequence) => {
        const model = new BreakerModel(rule);
        for (const step of sequence) {
          model.take(step);
        }
        model.settle();
        starts += model.starts;
        trips += model.trips;
      }),
      { seed: SEED, numRuns: SEQUENCES },
    );
    // Sequences in which nothing ever runs or trips would prove nothing.
    expect({ starts: starts > SEQUENCES, trips: trips > SEQUENCES / 2 }).toEqual({ starts: true, trips: true });
  });
});
