// One outcome for each end: what is blamed, and on whom.

import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/core/supervise/classify.ts';
import type { EndOfAttempt } from '../../../src/core/supervise/classify.ts';

const END: EndOfAttempt = {
  hostDied: false,
  didNotStart: null,
  stop: null,
  kernel: null,
  limits: { memoryBytes: null, pids: null },
  peakMemoryBytes: null,
  signal: null,
  driver: { outcome: 'succeeded', class: null, evidence: '' },
  proved: true,
};
const WALL = { kind: 'wall', limitMs: 60_000 } as const;
const STALL = { kind: 'stall', silentMs: 60_000, limitMs: 60_000 } as const;
const SILENT = { kind: 'first_output', limitMs: 60_000 } as const;
const MEMORY = { kind: 'memory', usedBytes: 2, limitBytes: 1 } as const;

describe('a CLI that waited for its provider until it was stopped', () => {
  it.each(['rate', 'quota', 'overload', 'network'] as const)('keeps its class: %s', (waited) => {
    const driver = { outcome: 'failed', class: waited, evidence: 'it said so' } as const;
    for (const stop of [WALL, STALL, SILENT]) {
      expect(classify({ ...END, stop, driver })).toEqual({ kind: 'failed', class: waited, reason: 'it said so' });
    }
  });

  it('is blamed for its memory all the same', () => {
    const driver = { outcome: 'failed', class: 'rate', evidence: '429' } as const;
    expect(classify({ ...END, stop: MEMORY, driver })).toMatchObject({ kind: 'failed', class: 'oom' });
  });

  it('is out of memory when the kernel slowed it down for a minute', () => {
    const stop = { ...MEMORY, limitBytes: 2 ** 30, usedBytes: 2 ** 30, throttled: true };
    expect(classify({ ...END, stop })).toEqual({
      kind: 'failed',
      class: 'oom',
      reason: 'memory_high 1 GiB (throttled by the kernel for a minute, used 1 GiB)',
    });
  });
});

describe('a CLI that used up its time by itself', () => {
  it.each([
    { stop: WALL, kind: 'timed_out' },
    { stop: STALL, kind: 'stalled' },
    { stop: SILENT, kind: 'stalled' },
  ])('ends as $kind', ({ stop, kind }) => {
    const driver = { outcome: 'failed', class: 'agent_failure', evidence: 'no end' } as const;
    expect(classify({ ...END, stop, driver }).kind).toBe(kind);
    expect(classify({ ...END, stop, driver: { outcome: 'stopped', class: null, evidence: '' } }).kind).toBe(kind);
  });
});

describe('a CLI that had finished and did not exit', () => {
  it('ends as its own last word says', () => {
    const stop = { kind: 'finished', note: 'it reported its end and did not exit' } as const;
    expect(classify({ ...END, stop })).toEqual({ kind: 'succeeded' });
    const driver = { outcome: 'failed', class: 'auth', evidence: 'not logged in' } as const;
    expect(classify({ ...END, stop, driver })).toMatchObject({ kind: 'failed', class: 'auth' });
  });
});
