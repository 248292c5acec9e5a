// What taking the service away takes, and what it leaves.

import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, configure, PLACE, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

/** Cases; the last of their machine. */
export function uninstalled(): void {
  it('is the service and its command alone, once; an agent that runs goes on, and everything of people stays', async () => {
    await configure(agentText('web/stays', 'while [ ! -e leave ]; do sleep 0.5; done'));
    await run('web/stays');
    await waitFor(() => units().some((name) => name.startsWith('adf-web-stays')));
    const before = units();
    writeFileSync(`${PLACE.pauseDir}/docs`, '');

    expect(sh('adf uninstall')).toContain(`done  remove ${PLACE.units}/adf.service`);
    expect(sh(`${PLACE.programs}/current/bin/adf uninstall`)).toContain('nothing was changed');

    expect(units()).toEqual(before);
    expect(sh(`find ${PLACE.units} -name 'adf*'`)).toBe('');
    expect(sh('systemctl is-active adf.service adf-deadman.timer || true')).toBe('inactive\ninactive\n');
    const left = [`${PLACE.stateDir}/ledger.db`, `${PLACE.pauseDir}/docs`, PLACE.config, PLACE.credentials];
    expect(left.filter((path) => !existsSync(path))).toEqual([]);
    expect([PLACE.command, PLACE.runtimeDir].filter((path) => existsSync(path))).toEqual([]);

    writeFileSync('/srv/web/leave', '');
    await waitFor(() => units().length === 0);
  });
}
