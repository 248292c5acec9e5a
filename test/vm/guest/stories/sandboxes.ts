// What agents in a sandbox reach under both managers, and that their secrets are seen by nobody else.

import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, as, configure, ended, PLACE, run, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const TOKEN = '/etc/adf/spied-token';
const USER = 'tester';
const HOME = `/home/${USER}`;
const SECRET = 'planted-in-a-file-of-the-service_5e1d';

/** Tries each line and says which it could do. */
const spy = (lines: Readonly<Record<string, string>>): string =>
  Object.entries(lines)
    .map(([name, line]) => `if sh -c "${line}" >/dev/null 2>&1; then echo ${name}; fi`)
    .join('\n');

/** Cases. */
export function sandboxes(): void {
  it('are held by the machine’s manager: own work, and nothing of the factory or of other projects', async () => {
    writeFileSync(TOKEN, SECRET);
    chmodSync(TOKEN, 0o644);
    const tries = spy({
      work: 'echo x >made',
      home: 'echo x >$HOME/made',
      token: `cat ${TOKEN}`,
      ledger: `cat ${PLACE.stateDir}/ledger.db`,
      other: 'ls /srv/api/. && echo x >/srv/api/made',
      flag: `touch ${PLACE.pauseDir}/web`,
      socket: `test -S ${PLACE.socket}`,
      stop: 'systemctl stop adf',
    });
    await configure(
      `\n[secrets]\nfiles = { SPIED = "${TOKEN}" }\n${agentText('web/open', tries, 'sandbox = "off"')}${agentText('web/closed', tries, 'sandbox = "standard"')}${agentText('web/alone', `${tries}\ngrep -c : /proc/net/dev; cat /proc/1/cmdline`, 'sandbox = "strict"')}`,
    );
    const said = async (name: string) => (await ended(await run(name))).output.tail;

    expect(await said('web/open')).toBe('work\nhome\ntoken\nother\n');
    expect(await said('web/closed')).toBe('work\nhome\n');
    // The loopback device alone, and no process of anybody else.
    expect(await said('web/alone')).toMatch(/^work\nhome\n1\ncat: .*\n$/);
  });

  it('give a secret to its agent, and to no unit, no record and no output', async () => {
    chmodSync(TOKEN, 0o600);
    const task = 'echo "it is $SPIED"; test ${#SPIED} -gt 30 && echo given; while [ ! -e told ]; do sleep 0.5; done';
    await configure(agentText('web/told', task, 'secrets = ["SPIED"]'));
    const id = await run('web/told');
    await waitFor(() => units().some((name) => name.startsWith('adf-web-told')));
    const unit = units().find((name) => name.startsWith('adf-web-told')) ?? '';
    const shown = sh(`systemctl show ${unit}; systemctl cat ${unit}; cat /proc/[0-9]*/cmdline | tr '\\0' ' '`);
    writeFileSync('/srv/web/told', '');
    const { output } = await ended(id);

    expect(shown).toContain('LoadCredential');
    expect(shown).not.toContain(SECRET);
    expect(output.tail).toMatch(/^it is \[redacted\]\**\ngiven\n$/);
    expect(sh(`grep -rlaF ${SECRET} ${PLACE.stateDir} ${PLACE.runtimeDir} /run/systemd/transient || true`)).toBe('');
  });

  it('are bubblewrap’s under the manager of a user, who is the same as its agents', async () => {
    const uid = sh(`id -u ${USER}`).trim();
    const config = `${HOME}/closed/agents.toml`;
    const mine = (line: string) => as(USER, `export XDG_RUNTIME_DIR=/run/user/${uid}; ${line}`);
    const reached = {
      work: 'echo x >made',
      ledger: `cat ${HOME}/closed/state/ledger.db`,
      socket: `test -S ${HOME}/closed/state/adf.sock`,
      other: `ls ${HOME}/other/x`,
    };
    const stop = `XDG_RUNTIME_DIR=/run/user/${uid} systemctl --user stop adf-closed`;
    mine(`mkdir -p ${HOME}/closed/work ${HOME}/other/x`);
    writeFileSync(
      config,
      `[factory]\nstate_dir = "state"\nhost = "systemd"\n[[projects]]\nid = "web"\nworking_dir = "work"\n[[projects]]\nid = "other"\nworking_dir = "../other"\n`,
    );
    sh(`chown ${USER} ${config}`);
    expect(mine(`systemd-run --user --quiet --unit=adf-closed /usr/local/bin/adf start --config ${config}`).said).toBe(
      '',
    );
    await waitFor(() => mine(`adf status --config ${config}`).code === 0);
    const pid = mine('systemctl --user show --property=MainPID --value adf-closed').said.trim();
    const tries = { ...reached, kill: `kill -0 ${pid}` };
    appendFileSync(
      config,
      agentText('web/open', spy(tries)) + agentText('web/closed', spy({ ...tries, stop }), 'sandbox = "standard"'),
    );
    expect(mine(`adf reload --config ${config}`).code).toBe(0);
    const said = (name: string): string => mine(`adf run ${name} --wait --config ${config}`).said;

    const tried = (text: string): string[] =>
      text.split('\n').filter((line) => /^(?:work|stop)$/.test(line) || line in tries);
    expect(tried(said('web/open'))).toEqual(Object.keys(tries));
    expect(tried(said('web/closed'))).toEqual(['work']);
    expect(mine('systemctl --user is-active adf-closed').code).toBe(0);
    mine('systemctl --user stop adf-closed');
  });
}
