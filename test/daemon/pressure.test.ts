// Pressure, room and inodes at both sides of their limits: who waits, with which numbers, and when it goes on.

import { afterEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import type { FakeMachine } from '../support/fake-machine.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const WORKER = 'worker';
const GIB = 1024 ** 3;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function start(factory = ''): Promise<void> {
  const agent = `[[agents]]\nname = "${WORKER}"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "true"`;
  rig = await DaemonRig.start({ toml: `[factory]\n${factory}\n\n${agent}\n` });
}

interface Case {
  readonly name: string;
  readonly factory: string;
  /** Makes the machine report `figure`. */
  readonly report: (machine: FakeMachine, figure: number) => void;
  readonly code: string;
  /** The last figure that holds nobody and the first that does; the last that holds on and the first that lets go. */
  readonly enough: number;
  readonly short: number;
  readonly stillShort: number;
  readonly over: number;
}

const CASES: readonly Case[] = [
  {
    name: 'memory pressure',
    factory: '',
    report: ({ pressure }, figure) => (pressure.memory = figure),
    code: 'memory.pressure',
    enough: 20,
    short: 20.01,
    stillShort: 16.01,
    over: 16,
  },
  {
    name: 'cpu pressure',
    factory: 'cpu_pressure_percent = 50',
    report: ({ pressure }, figure) => (pressure.cpu = figure),
    code: 'cpu.pressure',
    enough: 50,
    short: 50.01,
    stillShort: 40.01,
    over: 40,
  },
  {
    name: 'free disk',
    factory: 'disk_free_floor = "20GiB"',
    report: (machine, figure) => (machine.freeBytes = figure),
    code: 'disk.floor',
    enough: 20 * GIB,
    short: 20 * GIB - 1,
    stillShort: 21 * GIB - 1,
    over: 21 * GIB,
  },
  {
    name: 'free inodes',
    factory: 'inodes_free_floor = 1000',
    report: (machine, figure) => (machine.freeInodes = figure),
    code: 'inodes.floor',
    enough: 1000,
    short: 999,
    stillShort: 1049,
    over: 1050,
  },
];

describe.each(CASES)('$name', ({ factory, report, code, enough, short, stillShort, over }) => {
  it('holds nobody at its limit', async () => {
    await start(factory);
    report(rig.machine, enough);
    expect((await rig.run(WORKER))?.outcome?.kind).toBe('succeeded');
  });

  it('holds past its limit until it is clearly better, and says why in one verdict', async () => {
    await start(factory);
    report(rig.machine, short);
    const asked = await rig.ask(WORKER);
    const id = asked?.run.id as RunId;
    expect([asked?.decision, asked?.reasons.map((reason) => reason.code)]).toEqual(['waiting', [code]]);
    report(rig.machine, stillShort);
    await rig.pass(30_000);
    expect([rig.startsOf(WORKER), rig.ledger.verdicts.ofRun(id)]).toMatchObject([0, [{ decision: 'deferred' }]]);
    expect(await rig.daemon.control.why(WORKER)).toMatchObject({ reasons: [{ code }] });
    report(rig.machine, over);
    await rig.until(() => rig.startsOf(WORKER) === 1, 2000);
  });

  it('lets go where it is not clearly better but was never short', async () => {
    await start(factory);
    report(rig.machine, stillShort);
    expect((await rig.run(WORKER))?.outcome?.kind).toBe('succeeded');
  });
});

describe('what cannot be told', () => {
  it('holds nobody, also when it could be told before', async () => {
    await start('cpu_pressure_percent = 1');
    rig.machine.pressure.cpu = 100;
    expect((await rig.ask(WORKER))?.decision).toBe('waiting');
    rig.machine.pressure.cpu = null;
    await rig.until(() => rig.startsOf(WORKER) === 1, 2000);
  });

  it('is not even looked at where the limit is 100', async () => {
    await start('memory_pressure_percent = 100');
    rig.machine.pressure.memory = 100;
    rig.machine.pressure.cpu = 100;
    expect((await rig.run(WORKER))?.outcome?.kind).toBe('succeeded');
  });
});

describe('a daemon that starts under pressure', () => {
  it('asks the limit itself, for it knows nothing of the daemon before', async () => {
    await start();
    rig.machine.pressure.memory = 50;
    await rig.ask(WORKER);
    rig.machine.pressure.memory = 18;
    await rig.pass(5000);
    expect(rig.startsOf(WORKER)).toBe(0);
    await rig.restart();
    await rig.until(() => rig.startsOf(WORKER) === 1, 5000);
  });
});
