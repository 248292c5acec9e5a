// The factory of somebody who is not root, in the service manager that lingers for that user.

import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunView } from '../../../../src/ports/control.ts';
import { agentText, as, sh } from '../factory.ts';
import { waitFor } from '../wait.ts';

const USER = 'tester';
const CONFIG = `/home/${USER}/agents.toml`;

/** Cases. */
export function ownManager(): void {
  const uid = sh(`id -u ${USER}`).trim();
  const mine = (line: string) => as(USER, `export XDG_RUNTIME_DIR=/run/user/${uid}; ${line}`);
  const agents =
    agentText('web/where', 'cat /proc/self/cgroup; id -un') +
    agentText('web/oom', 'tail /dev/zero', 'max_memory_bytes = "64MiB"');

  it('holds agents in units of their own, limited by the kernel, and outlived by none', async () => {
    writeFileSync(
      CONFIG,
      `[factory]\nstate_dir = "/home/${USER}/state"\nhost = "systemd"\nenforcement = "kernel"\n\n[[projects]]\nid = "web"\nworking_dir = "/home/${USER}"\n${agents}`,
    );
    sh(`chown ${USER} ${CONFIG}`);
    expect(mine(`systemd-run --user --quiet --unit=adf-mine /usr/local/bin/adf start --config ${CONFIG}`)).toEqual({
      code: 0,
      said: '',
    });
    await waitFor(() => mine(`adf status --config ${CONFIG}`).code === 0);
    const where = mine(`adf run web/where --wait --config ${CONFIG}`);
    expect(where.code, where.said).toBe(0);
    expect(mine(`adf run web/oom --wait --config ${CONFIG}`).code).not.toBe(0);
    const [oom, first] = JSON.parse(mine(`adf runs --json --config ${CONFIG}`).said) as readonly RunView[];
    expect(oom?.outcome).toMatchObject({ class: 'oom', reason: 'memory 64 MiB (kernel: own limit, peak 64 MiB)' });
    expect(mine(`adf logs ${first?.id} --config ${CONFIG}`).said).toMatch(
      new RegExp(
        `^0::/user\\.slice/.*/user@${uid}\\.service/adf\\.slice/adf-agents\\.slice/adf-web-where-r.*\\n${USER}\\n$`,
      ),
    );
  });

  it('begins nothing once the group of its agents cannot be written any more', async () => {
    const slice = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/adf.slice/adf-agents.slice`;
    sh(`chown -R root ${slice}`);
    try {
      const refused = mine(`adf run web/where --wait --config ${CONFIG}`);
      expect(refused.code, refused.said).not.toBe(0);
      const [last] = JSON.parse(mine(`adf runs --json --config ${CONFIG}`).said) as readonly RunView[];
      expect(last?.outcome).toMatchObject({
        reason: expect.stringMatching(/^the service manager did not start/) as unknown,
      });
      expect(mine(`adf logs ${last?.id} --config ${CONFIG}`).said).not.toContain('0::');
    } finally {
      sh(`chown -R ${USER} ${slice}`);
    }
    expect(mine(`adf run web/where --wait --config ${CONFIG}`).code).toBe(0);
    expect(mine('systemctl --user stop adf-mine').code).toBe(0);
  });
}
