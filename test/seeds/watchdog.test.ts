// The watchdog document: the second look at what should be alive.

import { afterEach, describe, expect, it } from 'vitest';
import { watchStep } from '../../src/core/watch/cycle.ts';
import type { Stand } from '../../src/core/watch/cycle.ts';
import { judge } from '../../src/core/watch/judge.ts';
import { FAILURE_WINDOW_MS, RESTART_WINDOW_MS } from '../../src/core/watch/windows.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';
import { fleetOf } from '../support/load-config.ts';
import { alwaysOn, startWatchRig, vanish, watch } from '../support/watch-rig.ts';

const FIVE = ['one', 'two', 'three', 'four', 'five'];
const ONE = 'sandbox/one';
const TWO = 'sandbox/two';

const stand = (rest: Partial<Stand> = {}): Stand => ({
  desired: 2,
  alive: [0],
  asked: [],
  pinnedTo: null,
  draining: false,
  paused: null,
  quarantine: null,
  ...rest,
});

let rig: DaemonRig;
const made = new Set<DaemonRig>();
const watchRig = async (toml: string, count: number): Promise<DaemonRig> => {
  const one = await startWatchRig(toml, count);
  made.add(one);
  return one;
};
afterEach(async () => {
  const disposed = [...made].map(async (one) => one.dispose());
  made.clear();
  await Promise.all(disposed);
});

const prunedOf = (view: { readonly pruned: readonly { readonly agent: string }[] }): readonly string[] =>
  view.pruned.map(({ agent }) => agent).toSorted();
const statusAsked = (): number => rig.host.statusAsked;

describe('the watchdog: its cycle', () => {
  it('reads what is open of each agent, and not everybody for each', async () => {
    rig = await watchRig(alwaysOn(FIVE), 5);
    const { runs } = rig.ledger;
    let reads = 0;
    runs.waiting = () => {
      reads += 1;
      return [];
    };
    await watch(rig);
    expect(reads).toBe(0);
  });

  it('W1 looks every 30 s', async () => {
    expect(fleetOf('').factory.watchdogIntervalMs).toBe(30_000);
    rig = await watchRig(alwaysOn(['one']), 1);
    const before = statusAsked();
    await rig.pass(95_000);
    expect(statusAsked() - before).toBe(3);
  });

  it('W2 waits one interval before the first cycle', async () => {
    rig = await watchRig(`${alwaysOn(['one'])}\n[watchdog]\ninterval = "60s"\n`, 1);
    await rig.pass(59_000);
    expect(statusAsked()).toBe(0);
    await rig.pass(1_000);
    expect(statusAsked()).toBe(1);
  });

  it('W3 and W6 one cycle can be asked for, and tells what was checked and reconciled', async () => {
    rig = await watchRig(alwaysOn(['one', 'two']), 2);
    expect(await watch(rig)).toMatchObject({ checked: 2, pruned: [], reconciled: [], left: [], failed: [] });
  });

  it('W4 an agent is pruned before it is decided what of it is missing', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    vanish(rig, ONE);
    const view = await watch(rig);
    expect(prunedOf(view)).toEqual([ONE]);
    expect(view.left).toMatchObject([{ agent: ONE, why: 'in_flight' }]);
  });

  it('W5 one agent that cannot be seen to does not end the cycle, and is counted apart', async () => {
    rig = await watchRig(alwaysOn(['one', 'two']), 2);
    rig.ledger.states.set('quarantine', ONE, { version: 99 });
    vanish(rig, ONE);
    vanish(rig, TWO);
    const view = await watch(rig);
    expect(view.failed.map(({ agent }) => agent)).toEqual([ONE]);
    expect(prunedOf(view)).toEqual([ONE, TWO]);
  });

  it('W16 nothing is locked while the watchdog waits for an answer: others go on', async () => {
    rig = await watchRig(alwaysOn(['one', 'two']), 2);
    vanish(rig, ONE);
    rig.machineSays = async () => new Promise(() => undefined);
    const view = watch(rig);
    expect((await rig.ask(TWO))?.decision).toBe('waiting');
    expect((await view).unknown).toMatchObject([{ agent: ONE }]);
  });
});

describe('the watchdog: what is alive', () => {
  it('W7 and W10 while the host cannot be asked nothing is judged by that alone', async () => {
    rig = await watchRig(alwaysOn(FIVE), 5);
    rig.host.statusFails = true;
    const view = await watch(rig);
    expect([view.pruned, view.unknown.length, rig.host.live().length]).toEqual([[], 5, 5]);
  });

  it('W8 a run that ends between two reads is not judged', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    rig.host.statusFails = true;
    rig.machineSays = async () => {
      rig.host.exitAll();
      return false;
    };
    const view = await watch(rig);
    expect(view.pruned).toEqual([]);
    expect(rig.factsOf('run.ended').map((fact) => fact.outcome.kind)).toEqual(['succeeded']);
  });

  it('W9 every held run is asked about, however healthy it seemed', async () => {
    rig = await watchRig(alwaysOn(FIVE), 5);
    expect((await watch(rig)).checked).toBe(5);
  });

  it.each([
    ['alive', 'dead', 'alive'],
    ['missing', 'alive', 'unknown'],
    ['missing', 'unknown', 'unknown'],
    ['unknown', 'alive', 'unknown'],
    ['unknown', 'unknown', 'unknown'],
    ['missing', 'dead', 'failed'],
    ['unknown', 'dead', 'failed'],
  ] as const)('W10 host %s and process table %s: %s', (host, machine, judgement) => {
    expect(judge(host, machine, false)).toBe(judgement);
  });

  it('W11 an attempt without a process is neither asked about nor pruned', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    const [attempt] = rig.ledger.attempts.open();
    rig.ledger.attempts.update(attempt?.id as never, { identity: null });
    vanish(rig, ONE);
    expect(await watch(rig)).toMatchObject({ checked: 0, pruned: [], unknown: [] });
  });

  it('W12 what failed and what was stopped is pruned, by its run; the rest stays', async () => {
    expect([judge('missing', 'dead', false), judge('missing', 'dead', true)]).toEqual(['failed', 'stopped']);
    rig = await watchRig(alwaysOn(FIVE), 5);
    vanish(rig, TWO);
    const { pruned } = await watch(rig);
    expect(pruned).toMatchObject([{ agent: TWO, found: 'failed' }]);
    expect(rig.ledger.attempts.open().length).toBeGreaterThanOrEqual(4);
  });

  it('W13 three of five killed behind its back: three pruned, three failures, three asked for', async () => {
    rig = await watchRig(alwaysOn(FIVE), 5);
    const since = rig.facts().at(-1)?.seq ?? 0;
    const gone = ['sandbox/five', ONE, TWO];
    gone.forEach((agent) => vanish(rig, agent));
    const view = await watch(rig);
    expect(prunedOf(view)).toEqual(gone.toSorted());
    const failures = gone.map((agent) => {
      const now = rig.clock.now();
      return rig.ledger.runs.ends({ agent: agent as never }, now - FAILURE_WINDOW_MS, now).failed;
    });
    expect(failures).toEqual([1, 1, 1]);
    expect(rig.factsOf('run.requested').filter((fact) => fact.seq > since).length).toBe(3);
    await rig.until(() => rig.host.live().length === 5);
  });

  it('W13 a stopped one is no failure', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    rig.script(ONE, {});
    const [attempt] = rig.ledger.attempts.open();
    rig.ledger.attempts.update(attempt?.id as never, { state: 'stopping', stop: { kind: 'operator', note: 'enough' } });
    vanish(rig, ONE);
    expect((await watch(rig)).pruned).toMatchObject([{ found: 'stopped' }]);
    expect(rig.factsOf('run.ended').map((fact) => fact.outcome.kind)).toEqual(['canceled']);
  });

  it('a slow answer about one agent does not delay the others', async () => {
    rig = await watchRig(alwaysOn(['one', 'two']), 2);
    const [first] = rig.ledger.attempts.open();
    vanish(rig, ONE);
    vanish(rig, TWO);
    rig.machineSays = async (process) =>
      process.pid === first?.identity?.pid ? new Promise(() => undefined) : Promise.resolve(false);
    const cycle = watch(rig);
    await rig.until(() => rig.factsOf('run.ended').length === 1, 3000);
    expect((await cycle).pruned).toHaveLength(1);
  });
});

describe('the watchdog: what is missing', () => {
  it('W14 a pinned agent is pruned, but never started again here', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    // Edited while the daemon was down: a start ends nothing, a reload would.
    rig.edit(alwaysOn(['one'], 'placement = { node = "build2" }'));
    await rig.restart();
    vanish(rig, ONE);
    const view = await watch(rig);
    expect(prunedOf(view)).toEqual([ONE]);
    expect(view.left).toMatchObject([{ agent: ONE, why: 'pinned' }]);
    await rig.pass(120_000);
    expect(rig.startsOf(ONE)).toBe(1);
  });

  it.each([
    ['fewer than desired', stand(), { kind: 'start', replicas: [1] }],
    ['as many as desired', stand({ alive: [0, 1] }), { kind: 'enough' }],
    ['more than desired', stand({ alive: [0, 1, 2] }), { kind: 'enough' }],
    ['one that is asked for already', stand({ asked: [1] }), { kind: 'leave', why: 'in_flight' }],
    ['one of two asked for', stand({ alive: [], asked: [0] }), { kind: 'start', replicas: [1] }],
    ['a paused agent', stand({ paused: 'a flag' }), { kind: 'leave', why: 'paused', text: 'a flag' }],
    ['a draining factory', stand({ draining: true }), { kind: 'leave', why: 'draining' }],
    ['a quarantined agent', stand({ quarantine: 'failed 5 times' }), { kind: 'leave', why: 'quarantined' }],
    ['a pinned agent', stand({ pinnedTo: 'build2' }), { kind: 'leave', why: 'pinned' }],
  ])('W15 %s', (_, given, expected) => {
    expect(watchStep(given)).toMatchObject(expected);
  });

  it('W15 keeps as many replicas alive as are wanted, and two cycles start none of them twice', async () => {
    rig = await watchRig(alwaysOn(['one'], 'replicas = 3'), 3);
    vanish(rig, ONE);
    const [first, second] = await Promise.all([watch(rig), watch(rig)]);
    const third = await watch(rig);
    expect([first.pruned.length, second, third.pruned]).toEqual([3, first, []]);
    await rig.until(() => rig.host.live().length === 3);
    await rig.pass(300_000);
    expect([rig.startsOf(ONE), rig.host.live().length]).toEqual([6, 3]);
  });

  it('W17 it starts nothing itself: a missing replica is asked for, and admission decides', async () => {
    rig = await watchRig(alwaysOn(['one']), 1);
    const [waiting] = rig.ledger.runs.live();
    rig.ledger.runs.update(waiting?.id as never, { state: 'ended', endedAt: rig.clock.now() });
    const view = await watch(rig);
    expect(view.reconciled).toEqual([{ agent: ONE, replicas: [0] }]);
    await rig.fact((fact) => fact.kind === 'run.admitted' && fact.run !== waiting?.id);
  });

  it('W18 failures are counted over 1 h and restarts over 24 h', async () => {
    expect([FAILURE_WINDOW_MS, RESTART_WINDOW_MS]).toEqual([3_600_000, 86_400_000]);
    rig = await watchRig(alwaysOn(['one']), 1);
    vanish(rig, ONE);
    await watch(rig);
    await rig.until(() => rig.ledger.attempts.open().some((attempt) => attempt.state === 'running'));
    const counts = async (): Promise<unknown> => {
      const [agent] = await rig.daemon.control.agents();
      return [agent?.failures1h, agent?.restarts24h];
    };
    expect(await counts()).toEqual([1, 1]);
    await rig.leap(FAILURE_WINDOW_MS);
    expect(await counts()).toEqual([0, 1]);
    await rig.leap(RESTART_WINDOW_MS);
    expect(await counts()).toEqual([0, 0]);
  });
});
