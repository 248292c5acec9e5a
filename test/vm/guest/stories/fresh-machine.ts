// What `adf install` made, and that agents run as their users, each in a unit of its own, with what they were given to read.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, as, client, configure, ended, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const WHO = { web: 'adf-agent', api: 'adf-agent', docs: 'tester' } as const;

/** Cases; `printed` is what `adf install --print` said before anything was done, `read` a file that it names. */
export function freshMachine(printed: () => string, read: (path: string) => string): void {
  it('is installed as --print said, file by file', () => {
    const files = [...printed().matchAll(/^# file (\S+)[^\n]*\n([\s\S]*?)\n\n(?=# [a-z]+ \/|# run |$(?![\s\S]))/gm)];
    expect(files.length).toBeGreaterThan(5);
    for (const [, path = '', text = ''] of files.filter(([, path]) => path !== '/etc/adf/agents.toml')) {
      expect(read(path).trimEnd(), path).toBe(text);
    }
  });

  it('has the accounts, folders and links that --print said', () => {
    const said = (kind: string): readonly (readonly string[])[] =>
      [...printed().matchAll(new RegExp(`^# ${kind} (.*)$`, 'gm'))].map(([, text = '']) =>
        text.split(/ → |, home | \(|\)/),
      );
    const [folders, links, users, groups] = ['folder', 'link', 'user', 'group'].map(said);
    expect([folders?.length, links?.length, users?.length, groups?.length]).toEqual([6, 2, 1, 1]);
    for (const [path, access = ''] of folders ?? []) {
      const [mode, owner = ''] = access.split(' ');
      // Of a folder of root alone the manager gives the group to that of the service.
      const format = owner.includes(':') ? '%a %U:%G' : '%a %U';
      expect([path, sh(`stat -c '${format}' ${path}`).trim()]).toEqual([path, `${mode} ${owner}`]);
    }
    for (const [path, target] of links ?? []) {
      expect(sh(`readlink ${path}`).trim()).toBe(target);
    }
    expect(sh(`getent passwd ${users?.[0]?.[0]}`).split(':')[5]).toBe(users?.[0]?.[1]);
    expect(sh(`getent group ${groups?.[0]?.[0]}`)).toMatch(/^adf-operators:/);
  });

  it('is installed once: the same again changes nothing', () => {
    expect(sh('adf install')).toMatch(/nothing was changed/);
  });

  it('has units that systemd finds right and secure', () => {
    const verified = spawnSync(
      'systemd-analyze',
      ['verify', 'adf.service', 'adf-agents.slice', 'adf-deadman.service', 'adf-deadman.timer'],
      { encoding: 'utf8' },
    );
    expect(`${verified.stdout}${verified.stderr}`).toBe('');
    const rated = /exposure level for adf\.service: ([\d.]+)/.exec(
      sh('systemd-analyze security --no-pager adf.service'),
    )?.[1];
    expect(Number(rated)).toBeLessThan(4);
    expect(sh('systemctl is-active adf-deadman.timer && systemctl is-enabled adf.service adf-deadman.timer')).toBe(
      'active\nenabled\nenabled\n',
    );
  });

  it('tells an operator of the service and not of that person’s own powers, and leaves nothing of its look behind', () => {
    const { code, said } = as('games', 'adf doctor');
    expect([code, said]).toEqual([0, expect.stringContaining('memory kernel · processor time counted')]);
    expect(said.match(/sudo adf doctor/g)).toHaveLength(1);
    expect(said).not.toMatch(/EACCES|permission denied|bubblewrap/);
    expect(sh('adf doctor; ls /tmp')).not.toContain('adf-doctor');
  });

  it('runs agents of three projects as their users, in units of their own that systemctl shows', async () => {
    const task = 'id -un; while [ ! -e go ]; do sleep 0.5; done';
    await configure(
      Object.keys(WHO)
        .map((project) => agentText(`${project}/who`, task))
        .join(''),
    );
    const ids = await Promise.all(Object.keys(WHO).map((project) => run(`${project}/who`)));
    // One that is listed may still be on its way to its program.
    const begun = async (): Promise<number> => (await client.runs({ state: 'running', limit: 9 })).length;
    await waitFor(async () => (await begun()) === 3 && units().length === 3);
    for (const [project, user] of Object.entries(WHO)) {
      const unit = units().find((name) => name.startsWith(`adf-${project}-who-r`)) ?? '';
      expect(sh(`systemctl show --property=User,Slice --value ${unit}`)).toBe(`adf-agents.slice\n${user}\n`);
      expect(sh(`systemctl status --no-pager --full ${unit}`)).toContain(`adf ${project}/who r`);
    }
    for (const project of Object.keys(WHO)) {
      writeFileSync(`/srv/${project}/go`, '');
    }
    const ends = await Promise.all(ids.map(ended));
    expect(ends.map(({ run: { agent, outcome }, output }) => [agent, outcome?.kind, output.tail])).toEqual(
      Object.entries(WHO).map(([project, user]) => [`${project}/who`, 'succeeded', `${user}\n`]),
    );
  });

  it('gives each agent its task and data to read, and nobody else', async () => {
    const look =
      'cat "$ADF_DATA_FILE"; cat "$0" >/dev/null && echo mine; ls /var/lib/adf-inputs /var/lib/adf; echo > /var/lib/adf-inputs/x';
    await configure(
      agentText('docs/data', look, 'events = ["given"]\nsandbox = "off"').replace('Growth', 'Core') +
        agentText('docs/stdin', 'from stdin').replace('"sh"', '"cat"') +
        agentText('api/held', 'while [ ! -e read ]; do sleep 0.5; done'),
    );
    const held = await run('api/held');
    await waitFor(() => units().length === 1);
    const input = sh('ls /var/lib/adf-inputs').trim();
    expect(input).toMatch(/\.script$/);
    expect(as('adf-agent', `cat /var/lib/adf-inputs/${input}`).code).toBe(0);
    expect(as('tester', `cat /var/lib/adf-inputs/${input}`).code).not.toBe(0);
    const [told] = await client.emit('given', { key: 'one', project: 'docs', data: 'what happened' });
    const { run: reader, output } = await ended(told?.run?.id ?? '');
    expect(output.tail).toMatch(/^what happened\n?mine\n/);
    expect(output.tail.match(/Permission denied/g)).toHaveLength(3);
    expect(reader.outcome?.kind).toBe('failed');
    expect((await ended(await run('docs/stdin'))).output.tail).toBe('from stdin');
    writeFileSync('/srv/api/read', '');
    await ended(held);
    await waitFor(() => sh('ls /var/lib/adf-inputs') === '');
  });
}
