// Folders of their own for a project's agents: home, login and a worktree for each run, in the sandbox that installing writes.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, as, configure, ended, PLACE, run, sh } from '../factory.ts';
import { waitFor } from '../wait.ts';

const HOME = '/var/lib/adf-homes/own';
const LOGIN = '/var/lib/adf-logins/own';
const WORK = '/srv/own';
const ORIGIN = '/srv/own.git';

const PROJECT = `
[[projects]]
id = "own"
working_dir = "${WORK}"
home = "${HOME}"
credentials = { spare = "${LOGIN}" }
`;

const LOOKS = `echo $HOME
exec 2>/dev/null
cat $HOME/mine
echo 'left in the home' >$HOME/mine && echo home
: >mine && echo work
: >/tmp/mine && echo tmp
cat ${PLACE.stateDir}/ledger.db && echo ledger
ls ${PLACE.pauseDir}/. && echo flags
ls /srv/web/. && echo other
ls ${LOGIN}/. && echo login
test -S ${PLACE.socket} && echo socket
:`;

const BRANCHES = `pwd
git branch --show-current
echo new >new
git add new
git -c user.name=ada -c user.email=ada@localhost commit -qm work`;

/** What git of the agents' user says in the project. */
const git = (line: string): string => as(PLACE.agentUser, `cd ${WORK} && HOME=${PLACE.agentHome} git ${line}`).said;

/** Cases. */
export function ownFolders(): void {
  it('are made by installing once more, for their user alone', async () => {
    sh(`mkdir -p ${WORK} && chown ${PLACE.agentUser} ${WORK}`);
    git('init -q --shared && git -c user.name=ada -c user.email=ada@localhost commit -q --allow-empty -m first');
    await configure(
      PROJECT +
        agentText('own/looks', LOOKS) +
        agentText('own/branches', BRANCHES, 'workspace = "worktree"') +
        agentText('own/logs-in', 'Look around.', 'provider = "spare"').replace('"sh"', '"claude"'),
    );

    const installed = sh('adf install');
    expect(installed).toContain(`done  folder ${HOME} (700 ${PLACE.agentUser})\n`);
    expect(installed).toContain(`missing  own: ${PLACE.agentUser} finds no program claude → install claude`);
    expect(installed).not.toContain('missing  web');
    expect(sh('adf install')).toContain('nothing was changed');
    expect(sh(`stat -c '%a %U' ${HOME} ${LOGIN}`)).toBe(`700 ${PLACE.agentUser}\n`.repeat(2));
  });

  it('are what an agent reaches, beside its work and the system, and stay for its next run', async () => {
    const { run: looked, output } = await ended(await run('own/looks'));
    const next = await ended(await run('own/looks'));
    expect(output.tail).toBe(`${HOME}\nhome\nwork\ntmp\n`);
    expect(next.output.tail).toBe(`${HOME}\nleft in the home\nhome\nwork\ntmp\n`);
    expect(looked.outcome).toEqual({ kind: 'succeeded' });
  });

  it('hold the login of the account that its CLI runs on', async () => {
    const cli = '/usr/local/bin/claude';
    writeFileSync(cli, '#!/bin/sh\necho "$CLAUDE_CONFIG_DIR $HOME" >"$CLAUDE_CONFIG_DIR/seen"\n');
    chmodSync(cli, 0o755);
    await ended(await run('own/logs-in'));
    expect(readFileSync(`${LOGIN}/seen`, 'utf8')).toBe(`${LOGIN} ${HOME}\n`);
  });

  it('are a worktree of what origin has, for each run, whose branch stays when the folder goes', async () => {
    sh(`git init -q --bare ${ORIGIN} && chown -R ${PLACE.agentUser} ${ORIGIN}`);
    git(`remote add origin ${ORIGIN} && git push -q -u origin HEAD`);
    const commit = "-c user.name=ada -c user.email=ada@localhost commit-tree -p HEAD -m second 'HEAD^{tree}'";
    git(`-C ${ORIGIN} update-ref HEAD $(git -C ${ORIGIN} ${commit})`);
    const { run: worked, output } = await ended(await run('own/branches'));
    expect([worked.outcome, output.tail]).toEqual([{ kind: 'succeeded' }, expect.any(String)]);
    const [path = '', branch = ''] = output.tail.split('\n');
    expect(path).toMatch(new RegExp(`^${PLACE.workspaceDir}/own/${worked.id}-[0-9a-f]{8}$`));
    await waitFor(() => sh(`ls ${PLACE.workspaceDir}/own`) === '');
    expect(git(`log --format=%s ${branch}`)).toBe('work\nsecond\nfirst\n');
    expect(git('log --format=%s HEAD')).toBe('first\n');
  });
}
