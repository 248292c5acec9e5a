// How long reactions wait: through failures, refusals, a server that asks for patience, a clock that is set, and a storm.

import { afterEach, describe, expect, it } from 'vitest';
import type { ProjectId } from '../../src/core/ids.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
const HOUR = 3_600_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function start(projects: readonly string[] = ['sandbox']): Promise<void> {
  rig = await DaemonRig.start({ toml: sandboxFleet(projects, { extra: 'breaker = { threshold = 1 }' }) });
}

function trip(project = 'sandbox'): void {
  rig.ended(metaOf(project), FAILED);
}

function issues(): number {
  return rig.issues.store.list({ project: null, state: null, limit: 999 }).length;
}

describe('a reaction', () => {
  it('is tried again later each time, and told of once', async () => {
    await start();
    rig.issues.strike({ kind: 'fail' }, { times: 5 });
    trip();
    await rig.until(() => issues() === 1);
    // 1 + 2 + 4 + 8 + 16 s, each give or take a quarter.
    expect(rig.clock.monotonic()).toBeGreaterThan(31_000 * 0.75);
    expect(rig.clock.monotonic()).toBeLessThan(31_000 * 1.25 + 1_000);
    expect(rig.factsOf('reaction.failed')).toHaveLength(1);
  });

  it('waits as long as the server asks', async () => {
    await start();
    rig.issues.strike({ kind: 'fail', failure: { status: 429, retryAt: rig.clock.now() + HOUR } });
    trip();
    await rig.pass(1_000);
    await rig.leap(HOUR - 10_000);
    expect(issues()).toBe(0);
    await rig.leap(10_000);
    expect(issues()).toBe(1);
  });

  it('waits no longer and no shorter when the clock is set back by 72 hours', async () => {
    await start();
    rig.issues.strike({ kind: 'fail', failure: { retryAt: rig.clock.now() + 600_000 } });
    trip();
    await rig.pass(1_000);
    rig.clock.offsetMs -= 72 * HOUR;
    await rig.pass(500_000);
    expect(issues()).toBe(0);
    await rig.pass(130_000);
    expect(issues()).toBe(1);
  });

  it('that is a flag waits for no tracker, however many calls do', async () => {
    const projects = Array.from({ length: 80 }, (_none, index) => `p${index}`);
    await start(projects);
    rig.issues.strike({ kind: 'fail' }, { times: 10_000 });
    for (const project of projects) {
      trip(project);
    }
    await rig.pass(100);
    expect(projects.filter((project) => !rig.hasFlag(project))).toEqual([]);
  });

  it('that was refused for good is shown, and waits for the operator', async () => {
    await start();
    rig.issues.strike({ kind: 'fail', failure: { permanent: true, status: 403, message: 'no write access' } });
    trip();
    await rig.pass(1_000);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention).toContainEqual({ text: 'tracker: no write access', command: 'adf outbox' });
    await rig.leap(24 * HOUR);
    expect([issues(), rig.factsOf('reaction.parked')]).toMatchObject([0, [{ message: 'no write access' }]]);
    rig.issues.stamp = 'a new token';
    await rig.pass(31_000);
    expect(issues()).toBe(1);
  });

  it('that was refused for good is tried once more by each new daemon', async () => {
    await start();
    rig.issues.strike({ kind: 'fail', failure: { permanent: true } });
    trip();
    await rig.pass(1_000);
    await rig.restart();
    await rig.pass(1_000);
    expect(issues()).toBe(1);
  });
});

describe('a reaction that was carried out and cannot be written down', () => {
  const posted = (): number => rig.issues.seen.filter(({ call }) => call === 'open').length;

  it('is not carried out again: only the writing is, once there is room', async () => {
    await start();
    trip();
    rig.isDiskFull = () => posted() > 0;
    await rig.until(() => posted() === 1);
    await rig.pass(60_000);
    expect([posted(), rig.factsOf('reaction.done')]).toMatchObject([1, [{ target: 'flag' }]]);
    rig.isDiskFull = () => false;
    await rig.quiet();
    expect([posted(), issues()]).toEqual([1, 1]);
  });

  it('is told of and tried again later where what follows from it fails', async () => {
    await start();
    const { outbox } = rig.ledger;
    const done = outbox.done.bind(outbox);
    let times = 0;
    outbox.done = (id) => {
      times += 1;
      if (times <= 2) {
        throw new OperationalError('breaker.unreadable', 'a newer version wrote it');
      }
      done(id);
    };
    trip();
    await rig.quiet();
    expect(rig.factsOf('reaction.failed').map(({ message }) => message)).toContain('a newer version wrote it');
    expect(rig.clock.monotonic()).toBeGreaterThan(500);
  });

  it('ends the daemon where that is a mistake of ours', async () => {
    await start();
    const broken = new TypeError('undefined is no row');
    rig.ledger.outbox.done = () => {
      throw broken;
    };
    trip();
    await rig.until(() => rig.fatal.length > 0 || rig.isDead);
    expect(rig.fatal.splice(0)[0]).toBe(broken);
  });
});

describe('a storm of incidents', () => {
  it('reaches the tracker with 300 reactions an hour, and the rest later', async () => {
    const projects = Array.from({ length: 5 }, (_none, index) => `p${index}`);
    await start(projects);
    const { breakers, recorder, wake } = rig.daemon.services;
    recorder.commit('daemon', (note) => {
      for (let incident = 0; incident < 31; incident += 1) {
        for (const project of projects as ProjectId[]) {
          breakers.apply(project, { kind: 'trip', by: 'eva', reason: 'storm' }, note);
          breakers.apply(project, { kind: 'reset', by: 'eva', reason: 'over' }, note);
        }
      }
    });
    wake();
    // The issue opened and the issue closed are one reaction each: 310.
    await rig.pass(1_000);
    await rig.leap(HOUR / 2);
    const told = (): number => rig.factsOf('reaction.done').filter((fact) => fact.target === 'tracker').length;
    expect(told()).toBe(300);
    await rig.leap(HOUR / 2);
    await rig.until(() => told() === 310);
    expect(issues()).toBe(155);
  });
});
