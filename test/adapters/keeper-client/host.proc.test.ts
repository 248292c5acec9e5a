// What the keeper host promises beyond the port: real children, real deaths.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeeperRig, politely } from '../../support/keeper-rig.ts';

let rig: KeeperRig;
beforeEach(() => {
  rig = new KeeperRig();
});
afterEach(() => rig.dispose());

describe('one attempt', () => {
  it('is told as started and as exited with its code', async () => {
    const { host, told } = await rig.daemon();
    const reply = await host.start(rig.shell('r1.1', 'echo hello; exit 3'));
    expect(reply.kind).toBe('started');
    const report = await told.exit('r1.1');
    expect(report).toMatchObject({ code: 3, signal: null, stop: null, survivors: 0, hostDied: false });
    expect(rig.output('r1.1')).toBe('hello\n');
    expect(told.events.map((event) => event.kind)).toEqual(['started', 'exited']);
  });

  it('is stopped by a plan and keeps its first reason', async () => {
    const { host, told } = await rig.daemon();
    const spec = rig.shell('r1.1', 'trap "exit 7" TERM; echo up; sleep 1000 & wait');
    await host.start(spec);
    expect(await host.stop(spec.attemptId, politely(5000), { kind: 'operator', note: 'by hand' })).toBe('stopping');
    expect(await host.stop(spec.attemptId, politely(5000), { kind: 'drain' })).toBe('already');
    const report = await told.exit('r1.1');
    expect(report.stop?.reason).toEqual({ kind: 'operator', note: 'by hand' });
    expect(await host.stop(spec.attemptId, politely(5000), { kind: 'drain' })).toBe('gone');
  });

  it('goes on while its daemon is away and is told to the next one', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', 'while [ ! -e go ]; do sleep 0.02; done; exit 5');
    const reply = await first.host.start(spec);
    await first.host.close('leave');
    const identity = 'identity' in reply ? reply.identity : null;
    const second = await rig.daemon({ cursors: first.told.cursors(), held: [rig.held(spec, identity)] });
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('held');
    await second.host.start(rig.shell('r2.1', ': >go'));
    expect(await second.told.exit('r1.1')).toMatchObject({ code: 5 });
  });
});
