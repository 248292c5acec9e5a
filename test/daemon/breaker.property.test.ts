// Whatever happens to a project, in whatever order, with a real ledger: no promise of the breaker is broken.

import { array, assert, asyncProperty, boolean, constantFrom, integer, nat, oneof, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreakerTrial } from '../support/breaker-trial.ts';
import type { Rule, Step } from '../support/breaker-trial.ts';

const SEED = 20_261_121;
const SEQUENCES = 300;
const MINUTE = 60_000;

const plain = (...names: readonly Extract<Step, { readonly do: string; readonly ms?: never }>['do'][]) =>
  constantFrom(...names).map((name): Step => ({ do: name }) as Step);

const steps: Arbitrary<readonly Step[]> = array(
  oneof(
    { weight: 8, arbitrary: plain('meta_fails') },
    { weight: 4, arbitrary: plain('meta_succeeds', 'developer_runs', 'remove') },
    { weight: 2, arbitrary: plain('restart', 'touch', 'meta_has_no_login') },
    { weight: 1, arbitrary: plain('resume', 'tracker_fails', 'tracker_answers_are_lost', 'flag_fails', 'look') },
    { weight: 3, arbitrary: nat(12).map((moments): Step => ({ do: 'kill_in', moments })) },
    { weight: 1, arbitrary: integer({ min: 1, max: 90 }).map((m): Step => ({ do: 'pass', ms: m * MINUTE })) },
    { weight: 1, arbitrary: integer({ min: -90, max: 90 }).map((m): Step => ({ do: 'step_clock', ms: m * MINUTE })) },
  ),
  { maxLength: 20, size: 'max' },
);

const rules: Arbitrary<Rule> = record({
  threshold: constantFrom(1, 2, 3),
  probeFirst: boolean(),
  autoResume: boolean(),
});

describe('any sequence of ends, flags, deaths, faults and clock steps', () => {
  it('breaks no promise of the breaker', { timeout: 120_000 }, async () => {
    let trips = 0;
    let starts = 0;
    await assert(
      asyncProperty(rules, steps, async (rule, sequence) => {
        const trial = await BreakerTrial.begin(rule);
        try {
          for (const step of sequence) {
            await trial.take(step);
          }
          await trial.settle();
          trips += trial.trips;
          starts += trial.starts;
        } finally {
          await trial.end();
        }
      }),
      { seed: SEED, numRuns: SEQUENCES },
    );
    // Sequences in which nothing ever runs or trips would prove nothing.
    expect({ trips: trips > SEQUENCES / 2, starts: starts > SEQUENCES }).toEqual({ trips: true, starts: true });
  });
});
