// The systemd host keeps the promises of the port, on a real service manager, and says by its records what failed.

import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { executionHostSuite } from '../../../ports/execution-host.suite.ts';
import { intended } from '../../../support/host-specs.ts';
import { UnitRig } from '../unit-rig.ts';
import { waitFor } from '../wait.ts';

const kind = process.getuid?.() === 0 ? 'system' : 'user';

executionHostSuite(`systemd, ${kind} manager`, () => new UnitRig(kind).suiteRig(), false);

it('a limit that is crossed while the disk is full stops the run, and is written down when there is room', async () => {
  const rig = new UnitRig(kind);
  try {
    const daemon = await rig.connect();
    const stop = join(rig.stateDir, 'systemd', 'r1.1.stop');
    symlinkSync('/dev/full', `${stop}.new`);
    await daemon.start(rig.shell('r1.1', 'sleep 600', { limits: { wallMs: 100 } }));
    expect((await daemon.told.exit('r1.1')).stop?.reason).toMatchObject({ kind: 'wall' });
    expect(existsSync(stop)).toBe(false);
    rmSync(`${stop}.new`);
    await waitFor(() => existsSync(stop));
  } finally {
    await rig.dispose();
  }
});

it('takes over what runs although the manager forgot to record its start, and starts it no second time', async () => {
  const rig = new UnitRig(kind);
  const suite = rig.suiteRig();
  try {
    const first = await rig.connect();
    const forgotten = suite.spec('r1.1', 'wait');
    await first.start(forgotten);
    await suite.ready('r1.1');
    await first.host.close('leave');
    rmSync(join(rig.stateDir, 'systemd', 'r1.1.start'));

    const second = await rig.connect({ held: [intended(forgotten)] });
    expect(second.answer.adoptions.get(forgotten.attemptId)).toBe('held');
    suite.finish('r1.1', 5);
    expect(await second.told.exit('r1.1')).toMatchObject({ code: 5, didNotStart: null });
    expect(suite.began('r1.1')).toBe(1);
  } finally {
    await rig.dispose();
  }
});

it('is ended by the manager once its time is over and nobody else is there to end it', async () => {
  const rig = new UnitRig(kind);
  try {
    const first = await rig.connect();
    const overdue = rig.suiteRig().spec('r1.1', 'wait', { limits: { wallMs: 5000 } });
    await first.start(overdue);
    await first.host.close('leave');
    await waitFor(() => rig.units().length === 0);
    const second = await rig.connect({ held: [first.remembers(overdue)] });
    expect(await second.told.exit('r1.1')).toMatchObject({
      signal: 'SIGTERM',
      stop: { reason: { kind: 'wall', limitMs: 5000 } },
    });
  } finally {
    await rig.dispose();
  }
});

it('says which step of the manager kept a program from running', async () => {
  const rig = new UnitRig(kind);
  try {
    const daemon = await rig.connect();
    const nowhere = rig.shell('r1.1', 'true', { outPath: join(rig.stateDir, 'nowhere', 'r1.1.out') });
    expect(await daemon.host.start(nowhere)).toMatchObject({
      kind: 'did_not_start',
      cause: 'host',
      message: expect.stringMatching(/^its output file cannot be opened \(209\/STDOUT\)/) as unknown,
    });
    expect(daemon.told.events).toEqual([]);
  } finally {
    await rig.dispose();
  }
});
