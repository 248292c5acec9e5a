// How a daemon ends: it can be looked at and told otherwise meanwhile, and nobody who hangs or breaks keeps it.

import { afterEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import type { Services } from '../../src/daemon/services.ts';
import { Shutdown } from '../../src/daemon/shutdown.ts';
import type { StopHow } from '../../src/daemon/shutdown.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { twoAgents, WORKER } from '../support/two-agents.ts';

const DRAIN = { kind: 'drain', timeoutMs: 600_000 } as const;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function running(): Promise<RunId> {
  rig = await DaemonRig.start({ toml: twoAgents({}), ledger: 'file' });
  rig.script(WORKER, {});
  const asked = await rig.ask(WORKER);
  await rig.until(() => rig.host.live().length === 1);
  return asked?.run.id as RunId;
}

/** The answer of a stop that has begun, as far as it has come. */
function stopping(how: StopHow, closeDoors?: () => Promise<void>): { answer: unknown } {
  const seen: { answer: unknown } = { answer: null };
  rig.daemon.stop(how, closeDoors).then(
    (answer) => {
      seen.answer = answer;
    },
    (error: unknown) => {
      seen.answer = error;
    },
  );
  return seen;
}

describe('a drain', () => {
  it('answers who looks, refuses who wants something started, and lets a person end what it waits for', async () => {
    const id = await running();
    const stop = stopping(DRAIN);
    await rig.pass(60_000);
    const { control } = rig.daemon;
    expect(await rig.command(async () => control.status())).toMatchObject({ draining: true, live: 1 });
    await expect(rig.command(async () => control.run(WORKER, { key: 'late' }))).rejects.toMatchObject({
      code: 'stopping',
      message: expect.stringMatching(/^run: the daemon is ending/) as string,
    });
    await rig.command(async () => control.cancel(id));
    await rig.until(() => stop.answer);
    expect(stop.answer).toEqual({ how: 'drain', left: 0 });
  });

  it('closes the doors when all have ended, and the ledger after them', async () => {
    await running();
    const open: number[] = [];
    const stop = stopping(DRAIN, async () => {
      open.push(rig.ledger.attempts.open().length);
      return Promise.resolve();
    });
    await rig.pass(60_000);
    expect(open).toEqual([]);
    rig.host.exitAll();
    await rig.until(() => stop.answer);
    expect(open).toEqual([0]);
  });

  it('leaves its agents when it is told to meanwhile, and says so', async () => {
    const id = await running();
    const stop = stopping(DRAIN);
    await rig.pass(60_000);
    rig.daemon.leave();
    await rig.until(() => stop.answer);
    expect([stop.answer, rig.host.live()]).toEqual([{ how: 'leave', left: 1 }, [`${id}.1`]]);
    await rig.restart();
    expect(rig.factsOf('daemon.stopped').map(({ how }) => how)).toEqual(['leave']);
    expect(rig.ledger.runs.get(id)?.state).toBe('running');
  });

  it('gives signs of life while it lasts, and none after', async () => {
    await running();
    let signs = 0;
    const shutdown = new Shutdown(rig.house, rig.daemon.services, {
      passed: () => (signs += 1),
      fail: () => undefined,
    });
    let isOver = false;
    void shutdown.stop(DRAIN, async () => Promise.resolve()).then(() => (isOver = true));
    await rig.pass(60_000);
    expect(signs).toBeGreaterThanOrEqual(10);
    rig.host.exitAll();
    await rig.until(() => isOver);
    const then = signs;
    await rig.pass(60_000);
    expect(signs).toBe(then);
  });

  it('ends at once with what is broken in it: nobody would ever hear of the end that it waits for', async () => {
    await running();
    const stop = stopping(DRAIN);
    await rig.pass(1000);
    const broken = new TypeError('undefined is no attempt');
    rig.ledger.attempts.update = () => {
      throw broken;
    };
    rig.host.exitAll();
    await rig.pass(1000);
    expect([stop.answer, rig.fatal]).toEqual([broken, []]);
  });
});

describe('whoever hangs', () => {
  const HANGING: readonly (keyof Services)[] = [
    'configWatch',
    'flagWatch',
    'issueWatch',
    'credentialWatch',
    'results',
    'silences',
    'janitor',
    'dispatcher',
    'upkeep',
    'monitor',
    'analyst',
  ];
  const LONGEST_MS = 7000;

  it.each(HANGING)('keeps no daemon: %s', async (name) => {
    await running();
    Object.assign(rig.daemon.services[name], { stop: async () => new Promise(() => undefined) });
    const stop = stopping({ kind: 'leave' });
    await rig.until(() => stop.answer, LONGEST_MS);
    expect(stop.answer).toEqual({ how: 'leave', left: 1 });
  });

  it('keeps no daemon: a host that takes no stop', async () => {
    await running();
    const { stops } = rig.daemon.services;
    Object.assign(stops, { killAll: async () => new Promise(() => undefined) });
    const stop = stopping({ kind: 'kill' });
    await rig.until(() => stop.answer, 2 * LONGEST_MS);
    expect(stop.answer).toEqual({ how: 'kill', left: 0 });
  });
});

it('what fails at the closed ledger is nobody’s mistake', async () => {
  await running();
  await rig.command(async () => rig.daemon.stop({ kind: 'leave' }));
  rig.daemon.failed(new TypeError('The database connection is not open'));
  expect([rig.fatal, rig.warnings]).toEqual([[], []]);
});
