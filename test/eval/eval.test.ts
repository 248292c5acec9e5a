// The ten recorded situations: each opens the alert that a person would want, or none, and its answer is used and bounded.

import { describe, expect, it } from 'vitest';
import { score } from './score.ts';
import { situations } from './situation.ts';

const all = [...situations()];

describe('the recorded situations', () => {
  it('are the ten that a factory meets', () => {
    expect(all.map(([name]) => name)).toEqual([
      'bad-config',
      'expired-login',
      'full-disk',
      'harmless-restart',
      'host-reboot',
      'loop',
      'merge-conflict',
      'missing-program',
      'out-of-memory',
      'rate-limit',
    ]);
  });

  it.each(all)('%s gets its full score', async (_, situation) => {
    const { points, of, missing } = await score(situation, null);
    expect(missing).toEqual([]);
    expect(points).toBe(of);
  });

  it('lose points for a wrong answer', async () => {
    const situation = all.find(([name]) => name === 'out-of-memory')?.[1];
    const wrong = JSON.stringify({
      explanation: 'The moon is full.',
      suggestions: [{ action: 'pause_project', target: 'web', why: 'the log says so' }],
    });
    const { points, of } = situation === undefined ? { points: 0, of: 0 } : await score(situation, async () => wrong);
    expect([points, of]).toEqual([2, 4]);
  });
});
