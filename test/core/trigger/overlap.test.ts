import { describe, expect, it } from 'vitest';
import type { OverlapPolicy } from '../../../src/core/fleet.ts';
import { decideOverlap } from '../../../src/core/trigger/overlap.ts';

describe('a request while its agent runs', () => {
  it.each<[OverlapPolicy, string, string]>([
    ['skip', 'skip', 'wait'],
    ['queue', 'wait', 'wait'],
    ['replace', 'replace', 'replace'],
    ['allow', 'start', 'start'],
  ])('with overlap = "%s": a slot %s, a person\'s wish %s', (policy, slot, wish) => {
    expect(decideOverlap(policy, { trigger: 'slot', running: 1 })).toBe(slot);
    expect(decideOverlap(policy, { trigger: 'operator', running: 1 })).toBe(wish);
    expect(decideOverlap(policy, { trigger: 'event', running: 2 })).toBe(wish);
  });

  it.each<[OverlapPolicy, string]>([
    ['skip', 'wait'],
    ['queue', 'wait'],
    ['replace', 'wait'],
    ['allow', 'start'],
  ])('with overlap = "%s" another try of a run is to %s', (policy, retry) => {
    expect(decideOverlap(policy, { trigger: 'retry', running: 1 })).toBe(retry);
  });

  it.each<OverlapPolicy>(['skip', 'queue', 'replace', 'allow'])('starts when none runs (overlap = "%s")', (policy) => {
    expect(decideOverlap(policy, { trigger: 'slot', running: 0 })).toBe('start');
  });
});
