// Controllers that go away while the factory runs: nothing begins without its limits.

import { appendFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, client, ended, PLACE, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

/** Cases. */
export function takenAway(): void {
  it('end the dispatch, with the limits that cannot be held', async () => {
    const waits = agentText('web/before', 'while [ ! -e after ]; do sleep 0.2; done');
    appendFileSync(PLACE.config, agentText('web/held', 'true') + waits);
    // By the unit's own way, under its hardening.
    sh('systemctl reload adf');
    const before = await run('web/before');
    await waitFor(async () => (await client.show(before)).run.state === 'running');
    sh('systemctl set-property --runtime adf-agents.slice DisableControllers=memory');
    try {
      const { run: refused } = await ended(await run('web/held'));
      expect(refused.outcome).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^enforcement\.unavailable: .*memory/) as unknown,
      });
      expect(units().filter((unit) => unit.startsWith('adf-web-held'))).toEqual([]);
      writeFileSync('/srv/web/after', '');
      // It began under the kernel: that is told of it, whatever holds at its end.
      expect((await ended(before)).run.enforcement).toMatchObject({ memory: 'kernel', pids: 'kernel' });
    } finally {
      sh('systemctl set-property --runtime adf-agents.slice DisableControllers=');
    }
    expect((await ended(await run('web/held'))).run.outcome?.kind).toBe('succeeded');
  });
}
