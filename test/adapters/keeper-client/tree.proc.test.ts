// A kill reaches the whole tree, and nothing outlives its attempt.

import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptId } from '../../../src/core/ids.ts';
import { KILL, politely, type Daemon } from '../../support/host-specs.ts';
import { KeeperRig, waitFor } from '../../support/keeper-rig.ts';

const GRACE_MS = 300;
/** From the end of the grace to the end of the tree. */
const PROMISED_MS = 2000;

const TREES: readonly (readonly [string, number, string])[] = [
  ['a grandchild in a session of its own', 2, '(setsid sleep 1000 &) ; sleep 1000'],
  ['a child that ignores TERM', 2, 'trap "" TERM INT; sleep 1000 & while :; do wait; done'],
  ['a stopped child', 2, 'sleep 1000 & kill -STOP $!; wait'],
  ['a first process that stopped itself', 1, 'kill -STOP $$; sleep 1000'],
  ['a deaf child without our marker', 2, 'trap "" TERM; env -i /bin/sleep 1000 & while :; do wait; done'],
];
/** What only a cgroup can hold: it has no marker, no parent of ours, and a session of its own. */
const FLIGHT = ['a fugitive', 2, '(env -i /usr/bin/setsid /bin/sleep 1000 &) ; sleep 1000'] as const;

let rig: KeeperRig;
let daemon: Daemon;

/** Waits until `count` processes of the attempt were seen. */
async function grown(id: string, count: number): Promise<void> {
  const used = async () => (await daemon.host.usage()).get(id as AttemptId)?.processes ?? 0;
  while ((await used()) < count) {
    await waitFor(() => rig.tree(id).length > 0);
  }
}

describe.each([
  ['cgroup', [...TREES, FLIGHT]],
  ['marker', TREES],
] as const)('a tree held by %s', (how, trees) => {
  beforeAll(async () => {
    rig = new KeeperRig();
    if (how === 'marker') {
      await rig.withoutCgroups();
    }
    daemon = await rig.daemon();
  });
  afterAll(() => rig.dispose());

  it.each(trees)('is gone after a stop: %s', async (what, processes, script) => {
    const id = what.replaceAll(' ', '-');
    const spec = rig.shell(id, script);
    await daemon.start(spec);
    await grown(id, processes);
    const asked = Date.now();
    await daemon.host.stop(spec.attemptId, politely(GRACE_MS), { kind: 'operator', note: 'test' });
    const report = await daemon.told.exit(id);
    expect(Date.now() - asked).toBeLessThanOrEqual(GRACE_MS + PROMISED_MS);
    expect(report).toMatchObject({ stop: { reason: { kind: 'operator' } }, enforcement: { tree: how } });
    expect(rig.tree(id)).toEqual([]);
  });

  it('ends with its first process, and says how many were left', async () => {
    await daemon.start(rig.shell('holder', 'sleep 1000 & setsid sleep 1000 & exit 4'));
    const report = await daemon.told.exit('holder');
    expect(report).toMatchObject({ code: 4, signal: null, stop: null, survivors: 2 });
    expect(rig.tree('holder')).toEqual([]);
  });

  it('gives a child that is nearly done the time to end by itself', async () => {
    await daemon.start(rig.shell('nearly', '(sleep 0.1; echo last words) & exit 0'));
    expect(await daemon.told.exit('nearly')).toMatchObject({ code: 0, survivors: 0 });
    expect(rig.output('nearly')).toBe('last words\n');
  });

  it('is out of reach of a terminal: each attempt has a session of its own', async () => {
    await daemon.start(rig.shell('session', 'cut -d" " -f6 /proc/$$/stat; echo $$'));
    await daemon.told.exit('session');
    const [session, pid] = rig.output('session').split('\n').map(Number);
    expect(session).toBe(pid);
  });

  it('has the processor time of its processes counted, also of those that ended', async () => {
    const burn = 'n=0; while [ $n -lt 100000 ]; do n=$((n+1)); done';
    const spec = rig.shell('burner', `${burn}; times >alone; (${burn}); (${burn}); sleep 1.2; : >done; sleep 1000`);
    await daemon.start(spec);
    await waitFor(() => existsSync(rig.path('done')));
    const used = (await daemon.host.usage()).get(spec.attemptId)?.cpuMs ?? 0;
    // `times` prints user and system time as "0m1.5s 0m0.1s".
    const [user = 0, system = 0] =
      readFileSync(rig.path('alone'), 'utf8')
        .match(/[\d.]+(?=s)/g)
        ?.map(Number) ?? [];
    expect(used).toBeGreaterThan((user + system) * 1000 * 2);
    await daemon.host.stop(spec.attemptId, KILL, { kind: 'drain' });
    expect((await daemon.told.exit('burner')).cpuMs).toBeGreaterThanOrEqual(Math.floor(used));
  });

  it('is stopped over its processor limit, three children together', async () => {
    const script = 'for each in 1 2 3; do (while :; do :; done) & done; wait';
    await daemon.start(rig.shell('burners', script, { limits: { cpuMs: 600 } }));
    expect(await daemon.told.exit('burners')).toMatchObject({ stop: { reason: { kind: 'cpu', limitMs: 600 } } });
  });
});
