// Limits end an attempt in time, with their own label and numbers, and end nothing else.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { politely, type Daemon } from '../../support/host-specs.ts';
import { KeeperRig } from '../../support/keeper-rig.ts';

const MIB = 1024 * 1024;
/** From crossing a limit to the end of an attempt that obeys. */
const PROMISED_MS = 3000;

let rig: KeeperRig;
let daemon: Daemon;
beforeAll(async () => {
  rig = new KeeperRig();
  daemon = await rig.daemon();
  await daemon.start(rig.shell('sibling', 'trap "exit 9" TERM; while :; do sleep 0.05; done'));
});
afterAll(() => rig.dispose());

/** Takes memory as fast as it can, deaf to polite signals, and prints the time shortly before it is over 256 MiB. */
const ALLOCATOR = `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {});
const held = []; let told = false;
for (let mib = 0; mib < 4096; mib += 16) {
  held.push(Buffer.alloc(16 * ${MIB}, 1));
  if (mib >= 192 && !told) { told = true; require('node:fs').writeSync(1, String(Date.now())); }
}
setTimeout(() => held, 1e6);`;

describe('the memory limit', () => {
  it('ends an allocator at once, without any grace', async () => {
    const limits = { memoryBytes: 256 * MIB };
    await daemon.start(rig.spec('memory', [process.execPath, '-e', ALLOCATOR], { limits }));
    const report = await daemon.told.exit('memory');
    expect(report).toMatchObject({
      signal: 'SIGKILL',
      stop: { reason: { kind: 'memory', limitBytes: 256 * MIB } },
      enforcement: { memory: 'sampled' },
    });
    const reason = report.stop?.reason;
    expect(reason?.kind === 'memory' ? reason.usedBytes : 0).toBeGreaterThan(256 * MIB);
    expect(report.peakMemoryBytes).toBeGreaterThan(256 * MIB);
    expect(report.endedAt - Number(rig.output('memory'))).toBeLessThanOrEqual(PROMISED_MS);
  });

  it('counts what several processes hold together', async () => {
    const child = `const held = Buffer.alloc(90 * ${MIB}, 1); setTimeout(() => held, 1e6);`;
    const script = `for each in 1 2 3; do "$NODE" -e "$CHILD" & done; wait`;
    const env = { PATH: '/usr/bin:/bin', NODE: process.execPath, CHILD: child };
    await daemon.start(rig.shell('together', script, { env, limits: { memoryBytes: 220 * MIB } }));
    expect(await daemon.told.exit('together')).toMatchObject({ stop: { reason: { kind: 'memory' } } });
  });
});

describe('the processor limit', () => {
  it.each([
    ['one process', 'while :; do :; done'],
    ['three children together', 'for each in 1 2 3; do (while :; do :; done) & done; wait'],
  ])('ends %s that obeys', async (name, script) => {
    const id = `cpu-${name.length}`;
    await daemon.start(rig.shell(id, script, { limits: { cpuMs: 900 } }));
    const report = await daemon.told.exit(id);
    expect(report).toMatchObject({ signal: 'SIGTERM', stop: { reason: { kind: 'cpu', limitMs: 900 } } });
    const reason = report.stop?.reason;
    expect(reason?.kind === 'cpu' ? reason.usedMs : 0).toBeGreaterThan(900);
    // Both cores can be burnt while nobody looks.
    expect(report.cpuMs).toBeLessThanOrEqual(900 + 2 * PROMISED_MS);
    expect(report.cpuMs).toBeGreaterThan(900);
  });
});

describe('the wall clock', () => {
  it('ends an attempt that obeys within the promise', async () => {
    await daemon.start(rig.shell('wall', 'sleep 1000', { limits: { wallMs: 400 } }));
    const report = await daemon.told.exit('wall');
    expect(report).toMatchObject({ signal: 'SIGTERM', stop: { reason: { kind: 'wall', limitMs: 400 } } });
    expect(report.durationMs).toBeGreaterThanOrEqual(400);
    expect(report.durationMs).toBeLessThanOrEqual(400 + PROMISED_MS);
  });

  it('has an attempt that ignores it gone two seconds after its grace', async () => {
    const stopPlans = { ...rig.spec('', ['x']).stopPlans, wall: politely(500) };
    const script = 'trap "" TERM INT; while :; do sleep 0.05; done';
    await daemon.start(rig.shell('deaf', script, { limits: { wallMs: 1500 }, stopPlans }));
    const report = await daemon.told.exit('deaf');
    expect(report).toMatchObject({ signal: 'SIGKILL', stop: { reason: { kind: 'wall' } } });
    expect(report.durationMs).toBeGreaterThanOrEqual(2000);
    expect(report.durationMs).toBeLessThanOrEqual(2000 + 2000);
    expect(rig.tree('deaf')).toEqual([]);
  });
});

describe('a sibling', () => {
  it('goes on whatever happened to the others, and its use is told', async () => {
    expect(daemon.told.exits('sibling')).toEqual([]);
    const usage = await daemon.host.usage();
    const used = usage.get(rig.spec('sibling', ['x']).attemptId);
    expect(used?.processes).toBeGreaterThan(0);
    expect(used?.memoryBytes).toBeGreaterThan(0);
    await daemon.host.stop(rig.spec('sibling', ['x']).attemptId, politely(5000), { kind: 'drain' });
    expect(await daemon.told.exit('sibling')).toMatchObject({ code: 9, stop: { reason: { kind: 'drain' } } });
  });
});
