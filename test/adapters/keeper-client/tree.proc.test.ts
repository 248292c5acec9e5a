// A kill reaches the whole tree, and nothing outlives its attempt.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { politely, type Daemon } from '../../support/host-specs.ts';
import { KeeperRig, waitFor } from '../../support/keeper-rig.ts';

const GRACE_MS = 300;
/** From the end of the grace to the end of the tree. */
const PROMISED_MS = 2000;

let rig: KeeperRig;
let daemon: Daemon;
beforeAll(async () => {
  rig = new KeeperRig();
  daemon = await rig.daemon();
});
afterAll(() => rig.dispose());

describe('a stopped attempt', () => {
  it.each([
    ['a grandchild in a session of its own', 2, '(setsid sleep 1000 &) ; sleep 1000'],
    ['a child that ignores TERM', 2, 'trap "" TERM INT; sleep 1000 & while :; do wait; done'],
    ['a stopped child', 2, 'sleep 1000 & kill -STOP $!; wait'],
    ['a first process that stopped itself', 1, 'kill -STOP $$; sleep 1000'],
    ['a child without our marker', 2, 'env -i /usr/bin/setsid /bin/sleep 1000 & wait'],
  ])('leaves nothing behind: %s', async (what, processes, script) => {
    const id = what.replaceAll(' ', '-');
    const spec = rig.shell(id, script);
    await daemon.start(spec);
    const used = async () => (await daemon.host.usage()).get(spec.attemptId)?.processes ?? 0;
    for (let seen = 0; seen < processes; seen = await used()) {
      await waitFor(() => rig.tree(id).length > 0);
    }
    const asked = Date.now();
    await daemon.host.stop(spec.attemptId, politely(GRACE_MS), { kind: 'operator', note: 'test' });
    const report = await daemon.told.exit(id);
    expect(Date.now() - asked).toBeLessThanOrEqual(GRACE_MS + PROMISED_MS);
    expect(report.stop?.reason.kind).toBe('operator');
    expect(rig.tree(id)).toEqual([]);
  });
});

describe('an attempt whose first process ends', () => {
  it('takes along what it left behind, and says how many', async () => {
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
});

describe('a terminal', () => {
  it('cannot reach an attempt: each has a session of its own', async () => {
    await daemon.start(rig.shell('session', 'cut -d" " -f6 /proc/$$/stat; echo $$'));
    await daemon.told.exit('session');
    const [session, pid] = rig.output('session').split('\n').map(Number);
    expect(session).toBe(pid);
  });
});
