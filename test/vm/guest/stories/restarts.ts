// Ten agents outlive everything that can happen to the daemon, and every end is true.

import { readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, answers, client, configure, ended, PLACE, programOf, run, runsOf, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const AGENTS = 10;
/** Ten of them fit beside each other. */
const MODEST = 'max_memory_bytes = "32MiB"';

/** Cases. */
export function restarts(): void {
  it('outlive a kill, a restart, an upgrade, a reexec of the manager, and a stop longer than they live', async () => {
    const names = Array.from({ length: AGENTS }, (_, index) => `web/long${index}`);
    await configure(
      names
        .map((name, index) =>
          agentText(name, `echo begun; while [ ! -e end ]; do sleep 1; done; echo ended; exit ${index}`, MODEST),
        )
        .join(''),
    );
    const ids = await Promise.all(names.map(run));
    await waitFor(() => units().length === AGENTS);
    const before = units();

    sh('systemctl kill --signal=KILL --kill-whom=main adf');
    await waitFor(() => sh('systemctl show --property=NRestarts --value adf').trim() === '1');
    await answers();
    sh('systemctl restart adf');
    await answers();
    expect(sh(`sh ${programOf('1.1.0')}/bin/adf upgrade`)).toContain('1.1.0');
    await answers();
    expect(readdirSync(PLACE.programs).toSorted()).toEqual(['1.0.0', '1.1.0', 'current', 'deadman.sh']);
    expect((await client.status()).version).toBe('1.1.0');
    sh('systemctl daemon-reexec');
    expect(units()).toEqual(before);

    sh('systemctl stop adf');
    writeFileSync('/srv/web/end', '');
    await waitFor(() => units().length === 0);
    sh('systemctl start adf');
    const ends = await Promise.all(ids.map(ended));
    expect(ends.map(({ run: { outcome, exit }, output }) => [outcome?.kind, exit, output.tail])).toEqual(
      names.map((_, index) => [
        index === 0 ? 'succeeded' : 'failed',
        expect.objectContaining({ code: index, signal: null }) as unknown,
        'begun\nended\n',
      ]),
    );
    for (const name of names) {
      expect((await runsOf(name)).map(({ attempts }) => attempts)).toEqual([1]);
    }
  });
}
