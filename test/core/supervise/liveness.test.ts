import { describe, expect, it } from 'vitest';
import { liveness, PROOF_MS } from '../../../src/core/supervise/liveness.ts';
import type { Liveness } from '../../../src/core/supervise/liveness.ts';

describe('a silent tree', () => {
  it.each<{ what: string; afterMs: number; usedMs: number; is: Liveness }>([
    { what: 'that computes', afterMs: PROOF_MS, usedMs: 20_000, is: 'working' },
    { what: 'at the share from which on it works', afterMs: PROOF_MS, usedMs: 1500, is: 'working' },
    { what: 'just below it', afterMs: PROOF_MS, usedMs: 1499, is: 'idle' },
    { what: 'that only waits', afterMs: 600_000, usedMs: 0, is: 'idle' },
    { what: 'looked at too soon', afterMs: PROOF_MS - 1, usedMs: 20_000, is: 'unknown' },
    { what: 'whose count went back', afterMs: PROOF_MS, usedMs: -1, is: 'unknown' },
  ])('$what is $is', ({ afterMs, usedMs, is }) => {
    expect(liveness({ at: 1000, cpuMs: 500 }, { at: 1000 + afterMs, cpuMs: 500 + usedMs })).toBe(is);
  });

  it('is unknown at the first look', () => {
    expect(liveness(null, { at: 1000, cpuMs: 500 })).toBe('unknown');
  });
});
