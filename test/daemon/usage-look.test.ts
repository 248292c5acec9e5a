// What attempts use, asked of a host that may not answer: one answer for all who ask, and nobody waits for it long.

import { expect, it } from 'vitest';
import type { AttemptId } from '../../src/core/ids.ts';
import { UsageLook } from '../../src/daemon/usage-look.ts';
import type { LiveUsage } from '../../src/ports/execution-host.ts';
import { ManualTimers } from '../support/manual-timers.ts';

const ATTEMPT = 'r101.1' as AttemptId;
const USED: LiveUsage = { cpuMs: 7, memoryBytes: 1, peakMemoryBytes: 1, processes: 1 };
const ANSWER: ReadonlyMap<AttemptId, LiveUsage> = new Map([[ATTEMPT, USED]]);

const clock = new ManualTimers();

it('is asked once for all who want to know within a second', async () => {
  let asked = 0;
  const look = new UsageLook(clock, {
    usage: async () => {
      asked += 1;
      return Promise.resolve(ANSWER);
    },
  });
  expect([await look.of(ATTEMPT, 0), await look.of(ATTEMPT, 999), await look.of('r1.1' as AttemptId, 999)]).toEqual([
    USED,
    USED,
    undefined,
  ]);
  expect(asked).toBe(1);
  await look.of(ATTEMPT, 1000);
  expect(asked).toBe(2);
});

it('is unknown where the host fails', async () => {
  const look = new UsageLook(clock, { usage: async () => Promise.reject(new Error('gone')) });
  expect(await look.of(ATTEMPT, 0)).toBeUndefined();
});

it('is unknown where the host does not answer within three seconds', async () => {
  const look = new UsageLook(clock, { usage: async () => new Promise(() => undefined) });
  const asked = look.of(ATTEMPT, 0);
  clock.advance(3000);
  expect(await asked).toBeUndefined();
});
