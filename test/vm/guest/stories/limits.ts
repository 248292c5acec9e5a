// Agents that go beyond their limits end alone, and it is said truly what they ran into.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { agentText, answers, client, configure, ended, run, runsOf, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const MIB = 1024 ** 2;
/** Ten agents five times each: a sixth failure in a row would find them in quarantine. */
const GREEDY = 10;
const TURNS = 5;
/** The promise is 20 % ± 1 over five seconds. */
const SHARE_MS = 5000;

/** Cases. */
export function limits(): void {
  it('die alone of their own memory while a sibling and the daemon go on, with a peak equal to the limit', async () => {
    await configure(
      agentText('api/oom', 'tail /dev/zero', 'max_memory_bytes = "64MiB"') +
        agentText('api/sibling', 'while [ ! -e /srv/api/done ]; do sleep 0.5; done; echo went on'),
    );
    const sibling = await run('api/sibling');
    const { run: died } = await ended(await run('api/oom'));
    expect(died.outcome).toMatchObject({
      kind: 'failed',
      class: 'oom',
      reason: 'memory 64 MiB (kernel: own limit, peak 64 MiB)',
    });
    expect(died.peakMemoryBytes).toBe(64 * MIB);
    expect(died.enforcement).toMatchObject({ memory: 'kernel', pids: 'kernel', cpuQuota: 'kernel' });
    await answers();
    await configure(agentText('api/end', 'touch /srv/api/done'));
    await ended(await run('api/end'));
    expect((await ended(sibling)).output.tail).toBe('went on\n');
  });

  it('are told apart where the limit was that of all together', async () => {
    const before = sh('systemctl show --property=MemoryMax --value adf-agents.slice').trim();
    sh('systemctl set-property --runtime adf-agents.slice MemoryMax=64M');
    try {
      await configure(agentText('web/crowd', 'tail /dev/zero', 'max_memory_bytes = "256MiB"\nretry = { max = 0 }'));
      expect((await ended(await run('web/crowd'))).run.outcome).toMatchObject({
        class: 'oom',
        reason: expect.stringMatching(
          /^memory of all agents together \(kernel: limit of \/sys\/fs\/cgroup\/adf\.slice\/adf-agents\.slice reached \d+×, peak \d/,
        ) as unknown,
      });
    } finally {
      sh(`systemctl set-property --runtime adf-agents.slice MemoryMax=${before}`);
    }
  });

  it('die of it by the same label after a reload of the manager, and of silence by its own', async () => {
    const [mine, go] = ['retry = { max = 0 }', '/srv/web/reloaded'];
    await configure(
      agentText(
        'web/reloaded',
        `while [ ! -e ${go} ]; do sleep 0.2; done; exec tail /dev/zero`,
        `max_memory_bytes = "64MiB"\n${mine}`,
      ) + agentText('web/silent', 'sleep 60', `stall_timeout = "2s"\n${mine}`),
    );
    const [silent, greedy] = [await run('web/silent'), await run('web/reloaded')];
    await waitFor(async () => (await client.show(greedy)).run.state === 'running');
    sh('systemctl daemon-reload');
    const unit = units().find((name) => name.startsWith('adf-web-reloaded')) ?? '';
    const group = sh(`systemctl show --property=ControlGroup --value ${unit}`).trim();
    // The manager sets its own answer to a death anew: the greedy process dies alone.
    expect(readFileSync(`/sys/fs/cgroup${group}/memory.oom.group`, 'utf8')).toBe('0\n');
    writeFileSync(go, '');
    const { run: died, attempts } = await ended(greedy);
    expect(died.outcome).toMatchObject({
      class: 'oom',
      reason: 'memory 64 MiB (kernel: own limit, peak 64 MiB)',
    });
    expect(attempts[0]?.kernel).toMatchObject({ oomKills: 1, ownLimitHits: 1 });
    expect((await ended(silent)).run.outcome).toMatchObject({ kind: 'stalled' });
  });

  it('die of it fifty times in a row, and each time it is said so', async () => {
    const agents = Array.from({ length: GREEDY }, (_, index) => `web/greedy${index}`);
    await configure(
      agents
        .map((name) => agentText(name, 'tail /dev/zero', 'max_memory_bytes = "32MiB"\nretry = { max = 0 }'))
        .join(''),
    );
    for (let turn = 0; turn < TURNS; turn += 1) {
      const ids = await Promise.all(agents.map(run));
      await Promise.all(ids.map(ended));
    }
    const labels = (await Promise.all(agents.map(runsOf)))
      .flat()
      .map(({ outcome, peakMemoryBytes }) => `${outcome?.reason} ${peakMemoryBytes}`);
    expect(labels).toHaveLength(GREEDY * TURNS);
    expect(new Set(labels)).toEqual(new Set([`memory 32 MiB (kernel: own limit, peak 32 MiB) ${32 * MIB}`]));
  });

  it('are told by what kept them from beginning, and by their signal where they did begin', async () => {
    const once = 'retry = { max = 0 }';
    await configure(
      agentText('web/nowhere', 'true', `working_dir = "/srv/web/gone"\n${once}`) +
        agentText('web/nothing', 'true', once).replace('"sh"', '"/srv/web/no-such-program"') +
        agentText('web/sudden', 'kill -60 $$', once) +
        agentText('web/later', 'sleep 1; echo "adf: it was not started: limits "; kill -60 $$', once) +
        agentText('web/term', 'kill -TERM $$', once),
    );
    const names = ['nowhere', 'nothing', 'sudden', 'later', 'term'];
    const ids = await Promise.all(names.map((name) => run(`web/${name}`)));
    const ends = await Promise.all(ids.map(ended));
    const failed = (endClass: string, reason: RegExp): unknown =>
      expect.objectContaining({ class: endClass, reason: expect.stringMatching(reason) as unknown });
    expect(ends.map(({ run: one }) => one.outcome)).toEqual([
      failed('missing_program', /working directory \/srv\/web\/gone does not exist/),
      failed('missing_program', /\/srv\/web\/no-such-program could not be executed/),
      failed('agent_failure', /RTMIN\+26/),
      failed('agent_failure', /RTMIN\+26/),
      failed('killed', /SIGTERM/),
    ]);
  });

  it('cannot fork without end', async () => {
    const bomb = 'i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done; wait';
    await configure(agentText('api/bomb', bomb, 'max_pids = 20'));
    expect((await ended(await run('api/bomb'))).run.outcome).toMatchObject({ kind: 'failed', class: 'pids' });
    await waitFor(() => units().length === 0);
  });

  it('get a fifth of a processor where that is their share', async () => {
    await configure(agentText('api/quota', 'while :; do :; done', 'cpu_quota = "20%"'));
    const id = await run('api/quota');
    await waitFor(() => units().some((name) => name.startsWith('adf-api-quota')));
    const group = sh(`systemctl show --property=ControlGroup --value ${units().at(0)}`).trim();
    const used = (): { readonly cpuUs: number; readonly atUs: number } => ({
      cpuUs: Number(/usage_usec (\d+)/.exec(readFileSync(`/sys/fs/cgroup${group}/cpu.stat`, 'utf8'))?.[1]),
      atUs: performance.now() * 1000,
    });
    const [first] = [used(), await delay(SHARE_MS)];
    const last = used();
    await client.cancel(id);
    await ended(id);
    const percent = (100 * (last.cpuUs - first.cpuUs)) / (last.atUs - first.atUs);
    expect(Math.abs(percent - 20)).toBeLessThanOrEqual(1);
  });

  it('are stopped when a tree of three processes has used up its time together', async () => {
    const burn = 'burn() { while :; do :; done; }; burn & burn & burn';
    await configure(agentText('api/cpu', burn, 'max_cpu_seconds = 6'));
    const { run: used } = await ended(await run('api/cpu'));
    expect(used.outcome).toMatchObject({ kind: 'timed_out', class: 'cpu' });
    expect(used.cpuMs).toBeGreaterThanOrEqual(6000);
    expect(used.cpuMs).toBeLessThan(8000);
    // The kernel counts and we stop: who demands the kernel is not refused.
    expect(used.enforcement).toMatchObject({ memory: 'kernel', cpu: 'counted' });
    expect((await client.status()).live).toBe(0);
  });
}
