// A daemon whose loop stands still: the manager replaces it, agents are adopted, and people are told once.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { silenceFolder } from '../../../../src/core/install/layout.ts';
import { agentText, answers, client, configure, ended, PLACE, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const DROP_IN = '/etc/systemd/system/adf.service.d';
const DEADMAN_DROP_IN = '/etc/systemd/system/adf-deadman.service.d';
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
    mkdirSync(DEADMAN_DROP_IN);
    const look = `ExecStart=/bin/sh ${PLACE.programs}/deadman.sh ${SILENCE_SECONDS}`;
    writeFileSync(
      `${DEADMAN_DROP_IN}/shorter.conf`,
      `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=\n${look}\n`,
    );
    sh('systemctl daemon-reload && systemctl restart adf');
    await answers();
    const id = await run('web/through');
    await waitFor(() => units().length === 1);
    const { pid } = await client.status();

    process.kill(pid, 'SIGSTOP');
    // As its timer does, under its hardening.
    await waitFor(() => sh(`systemctl start adf-deadman.service; ls ${silenceFolder(PLACE.stateDir)} || true`) !== '');
    sh('systemctl start adf-deadman.service');
    const cry = 'journalctl --no-pager --output=cat --priority=emerg --unit adf-deadman.service';
    expect(sh(`journalctl --sync; ${cry}`).match(/no pass of the scheduler for/g)).toHaveLength(1);
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
    rmSync(DEADMAN_DROP_IN, { recursive: true });
    sh('systemctl daemon-reload && systemctl restart adf');
    await answers();
    expect(await silences()).toHaveLength(1);
  });
}
