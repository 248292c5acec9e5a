// A daemon whose loop stands still: the manager replaces it, agents are adopted, and people are told once.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { silenceFolder } from '../../../../src/core/install/layout.ts';
import { agentText, answers, client, configure, ended, PLACE, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const DROP_IN = '/etc/systemd/system/adf.service.d';
/** Over the longest pause between two passes of an idle scheduler (15 s), and short enough for a test. */
const SHORTER = '[Service]\nWatchdogSec=24\nTimeoutAbortSec=1\n';
const SILENCE_SECONDS = 18;

/** Titles of the issues that tell of one; agents of other stories have theirs. */
async function silences(): Promise<readonly string[]> {
  return (await client.issues()).map(({ title }) => title).filter((title) => title.includes('silent'));
}

/** Cases. */
export function silence(): void {
  it('is replaced by the manager, its agents are adopted, and one escalation is opened', async () => {
    await configure(agentText('web/through', 'echo begun; while [ ! -e over ]; do sleep 1; done; exit 7'));
    mkdirSync(DROP_IN, { recursive: true });
    writeFileSync(`${DROP_IN}/shorter.conf`, SHORTER);
    sh('systemctl daemon-reload && systemctl restart adf');
    await answers();
    const id = await run('web/through');
    await waitFor(() => units().length === 1);
    const { pid } = await client.status();

    process.kill(pid, 'SIGSTOP');
    const deadman = `sh ${PLACE.programs}/deadman.sh ${SILENCE_SECONDS}`;
    await waitFor(() => sh(deadman).includes('no pass of the scheduler for'));
    expect(sh(deadman)).toBe('');
    await waitFor(() => sh('systemctl show --property=MainPID --value adf').trim() !== String(pid));
    await answers();

    expect(sh('journalctl --no-pager --unit adf')).toContain("Failed with result 'watchdog'");
    writeFileSync('/srv/web/over', '');
    const { run: through, attempts } = await ended(id);
    expect([through.exit?.code, attempts.length]).toEqual([7, 1]);
    await waitFor(async () => (await silences()).length > 0);
    expect(await silences()).toEqual([expect.stringMatching(/^\[ADF\] the daemon on test-vm was silent for \d+ s$/)]);
    expect(sh(`ls ${silenceFolder(PLACE.stateDir)}`)).toBe('');

    rmSync(DROP_IN, { recursive: true });
    sh('systemctl daemon-reload && systemctl restart adf');
    await answers();
    expect(await silences()).toHaveLength(1);
  });
}
