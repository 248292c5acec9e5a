// Controllers that go away while the factory runs: nothing begins without its limits.

import { expect, it } from 'vitest';
import { agentText, configure, ended, run, sh, units } from '../factory.ts';

/** Cases. */
export function takenAway(): void {
  it('end the dispatch, with the limits that cannot be held', async () => {
    await configure(agentText('web/held', 'true'));
    sh('systemctl set-property --runtime adf-agents.slice DisableControllers=memory');
    try {
      const { run: refused } = await ended(await run('web/held'));
      expect(refused.outcome).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^enforcement\.unavailable: .*memory/) as unknown,
      });
      expect(units()).toEqual([]);
    } finally {
      sh('systemctl set-property --runtime adf-agents.slice DisableControllers=');
    }
    expect((await ended(await run('web/held'))).run.outcome?.kind).toBe('succeeded');
  });
}
