// The factory of somebody who is not root, in the service manager that lingers for that user.

import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunView } from '../../../../src/ports/control.ts';
import { agentText, as, sh } from '../factory.ts';
import { waitFor } from '../wait.ts';

const USER = 'tester';
const CONFIG = `/home/${USER}/agents.toml`;

const PROJECTS = ['web', 'api', 'docs'] as const;
/** Each agent stays until its project's file is there, so that all can be looked at. */
const where = (project: string): string =>
  `cat /proc/self/cgroup; id -un; while [ ! -e go-${project} ]; do sleep 0.5; done`;

/** Cases. */
export function ownManager(): void {
  const uid = sh(`id -u ${USER}`).trim();
  const mine = (line: string) => as(USER, `export XDG_RUNTIME_DIR=/run/user/${uid}; ${line}`);
  const runs = () => JSON.parse(mine(`adf runs --json --config ${CONFIG}`).said) as readonly RunView[];

  it('holds agents of three projects in units of their own, which systemctl shows, limited by the kernel', async () => {
    writeFileSync(
      CONFIG,
      [
        `[factory]\nstate_dir = "/home/${USER}/state"\nhost = "systemd"\nenforcement = "kernel"\nmax_concurrent_agents = 3\n`,
        ...PROJECTS.map((id) => `\n[[projects]]\nid = "${id}"\nworking_dir = "/home/${USER}"\n`),
        ...PROJECTS.map((id) => agentText(`${id}/where`, where(id), 'max_memory_bytes = "64MiB"')),
        agentText('web/oom', 'tail /dev/zero', 'max_memory_bytes = "64MiB"'),
      ].join(''),
    );
    sh(`chown ${USER} ${CONFIG}`);
    expect(mine(`systemd-run --user --quiet --unit=adf-mine /usr/local/bin/adf start --config ${CONFIG}`)).toEqual({
      code: 0,
      said: '',
    });
    await waitFor(() => mine(`adf status --config ${CONFIG}`).code === 0);
    for (const project of PROJECTS) {
      const asked = mine(`adf run ${project}/where --config ${CONFIG}`);
      expect(asked.code, asked.said).toBe(0);
    }
    const list = "systemctl --user list-units --plain --no-legend --full 'adf-*-where-r*.service'";
    await waitFor(() => mine(list).said.trim().split('\n').length === PROJECTS.length);
    for (const project of PROJECTS) {
      expect(mine(`systemctl --user status --no-pager --full 'adf-${project}-where-r*'`).said).toContain(
        `adf ${project}/where r`,
      );
      writeFileSync(`/home/${USER}/go-${project}`, '');
    }
    await waitFor(() => runs().every(({ outcome }) => outcome !== null));
    expect(new Set(runs().map(({ agent, outcome }) => `${agent} ${outcome?.kind}`))).toEqual(
      new Set(PROJECTS.map((project) => `${project}/where succeeded`)),
    );
    for (const { id, agent } of runs()) {
      const unit = agent.replace('/', '-');
      expect(mine(`adf logs ${id} --config ${CONFIG}`).said).toMatch(
        new RegExp(
          `^0::/user\\.slice/.*/user@${uid}\\.service/adf\\.slice/adf-agents\\.slice/adf-${unit}-r.*\\n${USER}\\n$`,
        ),
      );
    }
  });

  it('lets the kernel end an agent at its own limit', () => {
    expect(mine(`adf run web/oom --wait --config ${CONFIG}`).code).not.toBe(0);
    expect(runs()[0]?.outcome).toMatchObject({
      class: 'oom',
      reason: 'memory 64 MiB (kernel: own limit, peak 64 MiB)',
    });
  });

  it('begins nothing once the group of its agents cannot be written any more', async () => {
    const slice = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/adf.slice/adf-agents.slice`;
    sh(`chown -R root ${slice}`);
    try {
      const refused = mine(`adf run web/where --wait --config ${CONFIG}`);
      expect(refused.code, refused.said).not.toBe(0);
      const [last] = runs();
      expect(last?.outcome).toMatchObject({
        reason: expect.stringMatching(/^enforcement\.unavailable: .*memory/) as unknown,
      });
      expect(mine(`adf logs ${last?.id} --config ${CONFIG}`).said).not.toContain('0::');
    } finally {
      sh(`chown -R ${USER} ${slice}`);
    }
    expect(mine(`adf run web/where --wait --config ${CONFIG}`).code).toBe(0);
    expect(mine('systemctl --user stop adf-mine').code).toBe(0);
  });
}
