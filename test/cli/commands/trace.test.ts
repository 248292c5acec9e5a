// adf timeline and adf replay.

import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/core/trace/observability.ts';
import { adf } from '../../support/cli.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { PLAIN, factsOf, runEnded } from '../../support/trace-facts.ts';
import type { Told } from '../../support/trace-facts.ts';
import { runDetail } from '../../support/views.ts';

const withFacts = (story: readonly Told[]): FakeControl => {
  const facts = factsOf(story);
  return new FakeControl({ show: async () => ({ ...runDetail(), facts, observability: observe(facts, null) }) });
};

describe('adf timeline', () => {
  it('shows steps, leases and what a repetition costs', async () => {
    const { code, out } = await adf(withFacts(PLAIN), ['timeline', 'r7k2']);
    expect(code).toBe(0);
    expect(out).toContain('10:30:48.000  running          1000 ms  attempt.started#4');
    expect(out).toContain('a1    pid 4711  10:30:48.000  10:30:49.000  succeeded');
    expect(out).toContain('to run again: 6 events, 1 attempt, 1000 ms, cost unknown');
  });

  it('says with what to go on where there are no facts', async () => {
    const { out } = await adf(withFacts([]), ['timeline', 'r7k2']);
    expect(out).toBe('r7m1 has no facts yet; what it waits for: adf why sandbox/project-meta-sandbox\n');
  });

  it.each([
    [['--format', 'mermaid'], /^gantt\n/],
    [['--format', 'chrome'], /^\{"traceEvents":\[/],
    [['--json'], /"reasoningTimeline": \[/],
  ])('writes %j', async (options, expected) => {
    const { code, out } = await adf(withFacts(PLAIN), ['timeline', 'r7k2', ...options]);
    expect(code).toBe(0);
    expect(out).toMatch(expected);
  });
});

describe('adf replay', () => {
  it('shows the facts again and says that they hold', async () => {
    const waits: number[] = [];
    const { code, out } = await adf(withFacts(PLAIN), ['replay', 'r7k2', '--speed', '10'], {
      wait: async (ms) => {
        waits.push(ms);
      },
    });
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(7);
    expect(out).toContain('6 facts: in order, all that began has ended, one ending');
    expect(waits).toEqual([100, 100, 100, 100, 100]);
  });

  it('asks the daemon for nothing but the facts', async () => {
    const fake = withFacts(PLAIN);
    await adf(fake, ['replay', 'r7k2']);
    expect(fake.calls.map((call) => call.verb)).toEqual(['show']);
  });

  it('ends with 1 and names the fact that cannot be', async () => {
    const { code, out } = await adf(withFacts([...PLAIN, runEnded]), ['replay', 'r7k2']);
    expect(code).toBe(1);
    expect(out).toContain('BROKEN: run.ended#7 comes after the ending run.ended#6');
  });

  it('refuses a speed that is none', async () => {
    const { code } = await adf(withFacts(PLAIN), ['replay', 'r7k2', '--speed', '0']);
    expect(code).toBe(2);
  });
});
