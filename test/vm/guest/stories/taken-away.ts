// Controllers that go away while the factory runs: nothing begins without its limits.

import { expect, it } from 'vitest';
import { ended, run, sh, units } from '../factory.ts';

/** Cases. */
export function takenAway(): void {
  it('end the dispatch, with the limits that cannot be held', async () => {
    sh('systemctl set-property --runtime adf-agents.slice DisableControllers=memory');
    try {
      const { run: refused } = await ended(await run('web/who'));
      expect(refused.outcome).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^enforcement\.unavailable: .*memory/) as unknown,
      });
      expect(units()).toEqual([]);
    } finally {
      sh('systemctl set-property --runtime adf-agents.slice DisableControllers=');
    }
    expect((await ended(await run('web/who'))).run.outcome?.kind).toBe('succeeded');
  });
}
