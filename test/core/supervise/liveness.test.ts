import { describe, expect, it } from 'vitest';
import { activityOf, liveness, PROOF_MS } from '../../../src/core/supervise/liveness.ts';
import type { Liveness, LivenessEvidence, TreeWaits } from '../../../src/core/supervise/liveness.ts';

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

describe('a silent attempt', () => {
  const READS: TreeWaits = { processes: 2, onInput: { pid: 7, name: 'codex' }, connections: 0 };
  const PARKED: LivenessEvidence = { toolOpen: false, retrying: false, liveness: 'idle', waits: READS, before: READS };

  it.each<[string, Partial<LivenessEvidence>, ReturnType<typeof activityOf>]>([
    ['is parked by all proofs together', {}, 'parked'],
    ['works while a tool of it is open, whatever that waits for', { toolOpen: true }, 'working'],
    ['works while it computes', { liveness: 'working' }, 'working'],
    ['waits for its provider while it says that it will ask again', { retrying: true }, 'waiting'],
    ['waits for its provider while it has a connection', { waits: { ...READS, connections: 1 } }, 'waiting'],
    ['only idles where it had a connection at the look before', { before: { ...READS, connections: 1 } }, 'idle'],
    ['only idles where another process read then', { before: { ...READS, onInput: { pid: 8, name: 'sh' } } }, 'idle'],
    ['only idles where nobody read then', { before: { ...READS, onInput: null } }, 'idle'],
    ['only idles where nobody reads', { waits: { ...READS, onInput: null } }, 'idle'],
    ['only idles where nobody could look before', { before: null }, 'idle'],
    ['cannot be told from one look', { liveness: 'unknown', before: null }, null],
    ['cannot be told where nobody can look', { waits: null }, null],
    ['is dead without a process', { toolOpen: true, waits: { ...READS, processes: 0 } }, 'dead'],
  ])('%s', (_what, evidence, is) => {
    expect(activityOf({ ...PARKED, ...evidence })).toBe(is);
  });
});
