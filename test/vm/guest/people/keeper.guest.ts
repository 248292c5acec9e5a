// A keeper in a group that was given to an unprivileged user: the kernel holds what agents may use and says whose limit it
// was, without root and without a manager.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../../../src/http/client/client.ts';
import type { RunDetail } from '../../../../src/ports/control.ts';
import { agentText, sh } from '../factory.ts';
import { waitFor } from '../wait.ts';

const ADF = resolve(import.meta.dirname, '../../../../bin/adf');
const GROUP = '/sys/fs/cgroup/adf-guest';
const USER = 'tester';
const PROJECTS = ['web', 'api', 'docs'] as const;
const MIB = 1024 ** 2;

const dir = mkdtempSync(join(tmpdir(), 'adf-guest-'));
const client = createClient(join(dir, 'adf.sock'));
let daemon: ChildProcess;

const WHERE = `id -un; group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); echo $group; cat $group/memory.max $group/pids.max $group/cpu.max $group/memory.high`;

const TOML = [
  `[factory]\nstate_dir = "${dir}"\nhost = "keeper"\nenforcement = "kernel"\ndisk_free_floor = "1MiB"\n`,
  ...PROJECTS.map((id) => `\n[[projects]]\nid = "${id}"\nworking_dir = "${dir}"\n`),
  ...PROJECTS.map((id, index) =>
    agentText(
      `${id}/where`,
      WHERE,
      `max_memory_bytes = "${64 + index}MiB"\nmemory_high = "${32 + index}MiB"\nmax_pids = ${20 + index}\ncpu_quota = "${50 + index}%"`,
    ),
  ),
  agentText('web/eats', 'exec tail /dev/zero', 'max_memory_bytes = "64MiB"'),
  agentText('api/sibling', 'sleep 600', 'max_memory_bytes = "64MiB"'),
  agentText('web/forks', 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; wait', 'max_pids = 5'),
  agentText('web/quota', 'while :; do :; done', 'cpu_quota = "20%"\ntimeout = "5s"'),
  agentText('web/burns', 'burn() { while :; do :; done; }; burn & burn & burn', 'max_cpu_seconds = 2'),
].join('');

/** The end of a run of `agent`. */
async function ended(agent: string): Promise<RunDetail> {
  const { run } = await client.run(agent, { key: `${agent}-${Math.random()}` });
  await waitFor(async () => (await client.show(run.id)).run.outcome !== null);
  return client.show(run.id);
}

async function answers(asked = client): Promise<boolean> {
  return asked.status().then(
    () => true,
    () => false,
  );
}

/** Begins a daemon in `group`, as a container engine would: in the group, then somebody else, then the program. Nobody of root's stays in it. */
async function begin(group: string): Promise<void> {
  const give =
    'echo $$ >"$1/cgroup.procs"; shift; exec setpriv --reuid="$1" --regid="$1" --clear-groups -- "$2" start --config "$3"';
  daemon = spawn('sh', ['-c', give, 'sh', group, USER, ADF, join(dir, 'agents.toml')], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: dir },
    stdio: 'inherit',
  });
  await waitFor(() => answers());
}

beforeAll(async () => {
  mkdirSync(GROUP);
  sh('echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control');
  writeFileSync(join(dir, 'agents.toml'), TOML);
  sh(`chown -R ${USER} ${dir} ${GROUP} && chgrp ${USER} ${GROUP}/cgroup.*`);
  await begin(GROUP);
});

afterAll(async () => {
  const gone = new Promise((done) => {
    daemon.once('exit', done);
  });
  daemon.kill('SIGTERM');
  await gone;
  sh(`echo 1 >${GROUP}/cgroup.kill`);
  await waitFor(() => sh(`cat ${GROUP}/cgroup.events`).includes('populated 0'));
  sh(`find ${GROUP} -depth -type d -exec rmdir {} +`);
  rmSync(dir, { recursive: true, force: true });
});

describe('a keeper in a group of its own', () => {
  it('moves itself and the daemon aside and lets the kernel hold memory, processes and quota', async () => {
    const { limits } = await client.status();
    expect(limits).toEqual({ memory: 'kernel', cpu: 'counted', pids: 'kernel', cpuQuota: 'kernel', tree: 'cgroup' });
    expect(readdirSync(GROUP).filter((name) => name.startsWith('adf-')).length).toBe(2);
    expect(sh(`cat ${GROUP}/cgroup.procs`)).toBe('');
  });

  it('gives agents of three projects a group each, with their limits, and says so', async () => {
    const ends = await Promise.all(PROJECTS.map((project) => ended(`${project}/where`)));
    for (const [index, { run, output }] of ends.entries()) {
      const [user, group, memory, pids, quota, mark] = output.tail.split('\n');
      expect(run.outcome).toEqual({ kind: 'succeeded' });
      expect(run.enforcement).toMatchObject({ memory: 'kernel', pids: 'kernel', cpuQuota: 'kernel', tree: 'cgroup' });
      expect(group).toMatch(new RegExp(`^${GROUP}/adf-[^/]+/l\\d+$`));
      expect([user, memory, pids, quota, mark]).toEqual([
        USER,
        String((64 + index) * MIB),
        String(20 + index),
        `${50_000 + index * 1000} 100000`,
        String((32 + index) * MIB),
      ]);
    }
    expect(new Set(ends.map(({ output }) => output.tail.split('\n')[1])).size).toBe(PROJECTS.length);
  });

  it('lets an agent that eats memory die alone, at its limit to the byte, by the label of its own limit', async () => {
    const sibling = await client.run('api/sibling', { key: 'sibling-1' });
    const { run } = await ended('web/eats');
    expect(run).toMatchObject({ outcome: { kind: 'failed', class: 'oom' }, peakMemoryBytes: 64 * MIB });
    expect(run.outcome?.reason).toContain('kernel: own limit');
    expect((await client.show(sibling.run.id)).run.state).toBe('running');
    await client.cancel(sibling.run.id);
  });

  it('stops an agent that forks at max_pids', async () => {
    expect((await ended('web/forks')).run.outcome).toMatchObject({ kind: 'failed', class: 'pids' });
  });

  it('gives an agent the share of a processor that it may use', async () => {
    const { run, attempts } = await ended('web/quota');
    const wallMs = (attempts[0]?.endedAt ?? 0) - (attempts[0]?.startedAt ?? 0);
    expect((run.cpuMs ?? 0) / wallMs).toBeGreaterThan(0.17);
    expect((run.cpuMs ?? 0) / wallMs).toBeLessThan(0.23);
  });

  it('stops a tree of three processes that has used up its time together', async () => {
    const { run } = await ended('web/burns');
    expect(run.outcome).toMatchObject({ kind: 'timed_out', class: 'cpu' });
    expect(run.cpuMs).toBeGreaterThanOrEqual(2000);
    expect(run.cpuMs).toBeLessThan(3000);
  });

  it('goes on when the daemon was killed, and holds the limits of what comes then', async () => {
    const { run: held } = await client.run('api/sibling', { key: 'sibling-2' });
    await waitFor(async () => (await client.show(held.id)).run.state === 'running');
    const gone = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await gone;
    // Where the first one was moved to: a group with controllers for others takes no process itself.
    await begin(`${GROUP}/adf-supervisor`);

    expect((await client.show(held.id)).run).toMatchObject({ state: 'running', enforcement: { memory: 'kernel' } });
    const { run } = await ended('web/eats');
    expect(run.outcome?.reason).toBe('memory 64 MiB (kernel: own limit, peak 64 MiB)');
    await client.cancel(held.id);
    await waitFor(async () => (await client.show(held.id)).run.outcome?.kind === 'canceled');
  });

  it('dispatches nothing while it cannot write its group, and goes on when it can', async () => {
    await waitFor(async () => (await client.status()).live === 0);
    sh(`chown root ${GROUP}/adf-*`);
    const { run } = await ended('web/forks');
    expect(run.outcome).toMatchObject({ kind: 'refused' });
    expect(run.outcome?.reason).toMatch(/^enforcement\.unavailable: .*5 processes/);
    sh(`chown ${USER} ${GROUP}/adf-*`);
    expect((await ended('web/forks')).run.outcome).toMatchObject({ kind: 'failed', class: 'pids' });
  });

  it('dispatches nothing, and says what is missing, once the controllers are taken away', async () => {
    await waitFor(async () => (await client.status()).live === 0);
    sh(`for group in ${GROUP}/adf-*; do echo "-memory -pids -cpu" >$group/cgroup.subtree_control; done`);
    const { run } = await ended('web/eats');
    expect(run.outcome).toMatchObject({ kind: 'refused' });
    expect(run.outcome?.reason).toMatch(/^enforcement\.unavailable: .*memory 64 MiB/);
    expect(run.startedAt).toBeNull();
  });
});

describe('a keeper in a service of root', () => {
  it('is refused before anything is started: each restart would end all agents', () => {
    const line = `systemd-run --wait --pipe --quiet ${ADF} start --config ${dir}/agents.toml`;
    const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/each restart of it ends every agent: write host = "systemd"/),
    ]);
  });
});

describe('a keeper in a scope that the manager of a user delegates', () => {
  it('lets the kernel hold the limits of agents, by the command that doctor says', async () => {
    const place = mkdtempSync(join(tmpdir(), 'adf-scope-'));
    const config = join(place, 'agents.toml');
    writeFileSync(
      config,
      `[factory]\nstate_dir = "${place}/state"\nhost = "keeper"\nenforcement = "kernel"\ndisk_free_floor = "1MiB"\n[[projects]]\nid = "web"\nworking_dir = "${place}"\n${agentText('web/where', WHERE, 'max_memory_bytes = "64MiB"\nmax_pids = 20')}`,
    );
    sh(`chown -R ${USER} ${place}`);
    const line = `export XDG_RUNTIME_DIR=/run/user/$(id -u); exec systemd-run --user --scope --quiet -p Delegate=yes ${ADF} start --config ${config}`;
    const started = spawn('runuser', ['-u', USER, '--', 'sh', '-c', line], { cwd: place, stdio: 'inherit' });
    const ends = once(started, 'exit');
    const here = createClient(join(place, 'state/adf.sock'));
    await waitFor(() => answers(here));

    const { run } = await here.run('web/where', { key: 'one' });
    await waitFor(async () => (await here.show(run.id)).run.outcome !== null);
    const { run: where, output } = await here.show(run.id);
    expect(where.outcome).toEqual({ kind: 'succeeded' });
    expect(where.enforcement).toMatchObject({ memory: 'kernel', cpu: 'counted', pids: 'kernel', tree: 'cgroup' });
    expect(output.tail).toMatch(
      new RegExp(`^${USER}\\n/sys/fs/cgroup/user\\.slice/.*\\.scope/adf-[^/]+/l\\d+\\n${64 * MIB}\\n20\\n`),
    );

    process.kill((await here.status()).pid, 'SIGINT');
    await ends;
    rmSync(place, { recursive: true, force: true });
  });
});
