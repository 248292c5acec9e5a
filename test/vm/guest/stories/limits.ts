// Agents that go beyond their limits end alone, and it is said truly what they ran into.

import { readFileSync } from 'node:fs';
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
