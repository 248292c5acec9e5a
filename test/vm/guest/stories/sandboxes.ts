// What agents in a sandbox reach under both managers, and that their secrets are seen by nobody else.

import { once } from 'node:events';
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { inputsFolder } from '../../../../src/core/install/layout.ts';
import { agentText, as, client, configure, ended, PLACE, run, sh, units } from '../factory.ts';
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
  it('are held by the machine’s manager: own work, and nothing of the factory, of other projects or of a live neighbour', async () => {
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
      // Of the same user, and alive meanwhile.
      root: 'cat /proc/[0-9]*/root/srv/api/kept | grep .',
      environment: 'cat /proc/[0-9]*/environ | grep -a PLANTED=near',
      process: "pgrep -f 'sleep 432[1]'",
      input: 'cat $(cat /srv/web/neighbour)',
      shared: 'cat /dev/shm/near',
    });
    sh('echo kept >/srv/api/kept; echo near >/dev/shm/near; chown adf-agent /srv/api/kept /dev/shm/near');
    sh('chmod 600 /srv/api/kept /dev/shm/near');
    await configure(
      `\n[secrets]\nfiles = { SPIED = "${TOKEN}" }\n${agentText('api/near', 'exec sleep 4321', 'env = { PLANTED = "near" }\nsandbox = "off"')}${agentText('web/open', tries, 'sandbox = "off"')}${agentText('web/closed', tries, 'sandbox = "standard"')}${agentText('web/alone', `${tries}\ngrep -c : /proc/net/dev; cat /proc/1/cmdline`, 'sandbox = "strict"')}`,
    );
    const near = await run('api/near');
    await waitFor(() => sh("pgrep -f 'sleep 432[1]' || true") !== '');
    sh(`ls -d ${inputsFolder(PLACE.stateDir)}/${near}.* >/srv/web/neighbour`);
    const said = async (name: string) => (await ended(await run(name))).output.tail;

    expect(await said('web/open')).toBe('work\nhome\ntoken\nother\nroot\nenvironment\nprocess\ninput\nshared\n');
    expect(await said('web/closed')).toBe('work\nhome\n');
    // The loopback device alone, and no process of anybody else.
    expect(await said('web/alone')).toMatch(/^work\nhome\n1\ncat: .*\n$/);
    await client.cancel(near);
  });

  it('let a strict one speak to the addresses that it is allowed, which is tried before', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connect = (address: string): string => `timeout 2 bash -c ': >/dev/tcp/${address}/${port}'`;
    const task = `${connect('127.0.0.1')} && echo allowed\n${connect('127.0.0.2')} || echo closed`;
    await configure(agentText('web/listed', task, 'sandbox = "strict"\nallowed_addresses = ["127.0.0.1"]'));
    const { run: listed, output } = await ended(await run('web/listed'));
    server.close();

    expect([listed.outcome?.kind, output.tail]).toEqual([
      'succeeded',
      expect.stringMatching(/^allowed\n(?:.*\n)*closed\n$/),
    ]);
    expect(sh('journalctl --no-pager --unit "run-*" --grep "tries whether addresses" | grep -c Started')).toBe('1\n');
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
    expect(sh('journalctl --no-pager --output=cat --unit=adf')).not.toContain(SECRET);
  });

  it('are bubblewrap’s under the manager of a user, who is the same as its agents', async () => {
    const uid = sh(`id -u ${USER}`).trim();
    const config = `${HOME}/closed/agents.toml`;
    const mine = (line: string) => as(USER, `export XDG_RUNTIME_DIR=/run/user/${uid}; ${line}`);
    const reached = {
      work: 'echo x >made',
      token: `cat ${HOME}/closed/token`,
      ledger: `cat ${HOME}/closed/state/ledger.db`,
      socket: `test -S ${HOME}/closed/state/adf.sock`,
      other: `ls ${HOME}/other/x`,
    };
    const stop = `XDG_RUNTIME_DIR=/run/user/${uid} systemctl --user stop adf-closed`;
    mine(`mkdir -p ${HOME}/closed/work ${HOME}/other/x`);
    writeFileSync(`${HOME}/closed/token`, SECRET, { mode: 0o600 });
    writeFileSync(
      config,
      `[factory]\nstate_dir = "state"\nhost = "systemd"\n[gitea]\nurl = "http://127.0.0.1:9"\nowner = "ops"\nrepository = "factory"\ntoken_file = "./token"\n[[projects]]\nid = "web"\nworking_dir = "work"\n[[projects]]\nid = "other"\nworking_dir = "../other"\n`,
    );
    sh(`chown ${USER} ${config} ${HOME}/closed/token`);
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
    expect(sh(`grep -rlaF ${SECRET} ${HOME}/closed/state || true`)).toBe('');
    mine('systemctl --user stop adf-closed');
  });
}
