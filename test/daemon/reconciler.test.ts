// The reconciler in the whole daemon: what dies, races, changes meanwhile or was never meant.

import { describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';
import {
  apply,
  applied,
  BROKEN_FILE,
  drift,
  failOnFact,
  failStops,
  planNow,
  reconcileRig,
  runsOf,
} from '../support/reconcile-rig.ts';
import { alwaysOn } from '../support/watch-rig.ts';

const TWO = alwaysOn(['one', 'two']);
const CHANGED = alwaysOn(['one', 'two'], 'args = ["-e"]');
const GONE = alwaysOn(['one']);

/** Runs until two runs are alive with the definition of now and nothing is left to do. */
async function converged(rig: DaemonRig, starts: number): Promise<void> {
  await rig.until(() => rig.host.starts.length === starts && rig.host.live().length === 2);
  expect(await drift(rig)).toMatchObject({ hasDrift: false });
}

describe('apply', () => {
  it('twice does nothing the second time', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    expect(await applied(rig)).toMatchObject({ updated: 2, attempts: 1 });
    expect(await applied(rig)).toMatchObject({ success: true, updated: 0, attempts: 0 });
    expect(rig.host.stops).toHaveLength(2);
    await converged(rig, 4);
  });

  it('killed at any moment and asked again ends each run once and starts each anew once', async () => {
    let moments = 0;
    for (let dieIn = 0; dieIn === 0 || moments > 0; dieIn += 1) {
      const rig = await reconcileRig(TWO, 2);
      rig.edit(CHANGED);
      rig.killIn(dieIn);
      await rig.command(async (control) => control.apply({ by: 'eva', maxAttempts: 3, plan: null }));
      moments = rig.isDead ? 1 : 0;
      await rig.restart();
      await apply(rig);
      await converged(rig, 4);
      const asked = rig.host.stops.map(({ attemptId }) => attemptId);
      expect(new Set(asked).size, `killed at moment ${dieIn}`).toBe(2);
      expect(dieIn).toBeLessThan(40);
    }
  });

  it('is refused with the name of whoever applies already', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    const wish = { maxAttempts: 3, plan: null };
    const views = await rig.command(async (control) =>
      Promise.all([
        control.apply({ by: 'eva', ...wish }),
        control.apply({ by: 'tom', ...wish }),
        control.reload('SIGHUP'),
      ]),
    );
    const message =
      'eva has begun apply at 2026-11-21 10:30:45 UTC and is not done: look with adf drift, then ask again';
    expect(views).toMatchObject([
      { kind: 'applied', result: { success: true, updated: 2 } },
      { refused: { code: 'reconcile.locked', message } },
      { refused: { code: 'reconcile.locked', message } },
    ]);
    expect(rig.host.stops).toHaveLength(2);
  });

  it('is not held up by the lease of a daemon that died', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 100);
    rig.killIn(4);
    await rig.command(async (control) => control.apply({ by: 'eva', maxAttempts: 3, plan: null }));
    expect(rig.ledger.states.get('reconcile', 'lease')).toMatchObject({ by: 'eva' });
    await rig.restart();
    failStops(rig, 0);
    expect(await applied(rig)).toMatchObject({ success: true });
  });

  it('keeps neither a cancel nor a pause waiting', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failOnFact(rig, 'reconcile.started', { times: 1 });
    const [run] = runsOf(rig, 'sandbox/one');
    const order: string[] = [];
    await rig.command(async (control) =>
      Promise.all([
        control.apply({ by: 'eva', maxAttempts: 2, plan: null }).then(() => order.push('applied')),
        control.cancel(run ?? '').then(() => order.push('canceled')),
        control.breaker('sandbox', 'isolate', { by: 'tom', reason: 'night' }).then(() => order.push('isolated')),
      ]),
    );
    expect(order.toSorted()).toEqual(['applied', 'canceled', 'isolated']);
    expect(order.at(-1)).toBe('applied');
    expect(rig.host.stops[0]?.reason.kind).toBe('operator');
  });

  it('refuses one agent more than the ceiling of the fleet', async () => {
    const rig = await reconcileRig(`[guardrails]\nmax_memory_total = "4GiB"\n${TWO}`, 2);
    const three = alwaysOn(['one', 'two', 'three']);
    rig.edit(`[guardrails]\nmax_memory_total = "4GiB"\n${three}`);
    const view = await apply(rig);
    expect(view.violations).toEqual([
      {
        code: 'max_memory_total',
        text: '6 GiB of memory for one run of every enabled agent and each replica, at most 4 GiB ([guardrails] max_memory_total)',
      },
    ]);
    expect(rig.fleet.now.agents).toHaveLength(2);
  });

  it('leaves everything running when the file is broken, or names no agent', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.onDisk = BROKEN_FILE;
    expect(await rig.command(async (control) => control.reload('SIGHUP'))).toMatchObject({
      ok: false,
      errors: [{ message: 'this is no TOML' }],
    });
    rig.edit('[guardrails]\nmax_deletes = 100\n');
    expect((await apply(rig)).violations).toMatchObject([{ code: 'empty' }]);
    await rig.restart();
    expect((await apply(rig)).violations).toMatchObject([{ code: 'empty' }]);
    expect(rig.host.stops).toEqual([]);
    expect(rig.host.live()).toHaveLength(2);
  });

  it('ends what a daemon took over that agents.toml no longer wants', async () => {
    const rig = await reconcileRig(alwaysOn(['one', 'two', 'three', 'four']), 4);
    rig.edit(alwaysOn(['one', 'two', 'three']));
    await rig.restart();
    expect(rig.host.live()).toHaveLength(4);
    expect((await drift(rig)).driftedResources).toEqual(['agent sandbox/four']);
    expect(await applied(rig)).toMatchObject({ success: true, deleted: 1 });
    await rig.until(() => rig.host.live().length === 3);
  });

  it('gives a removed agent the grace that it was started with', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(GONE);
    await apply(rig);
    expect(rig.host.stops.map(({ plan }) => plan.map(({ action }) => action))).toEqual([['terminate', 'kill']]);
  });

  it('takes away replicas that are too many, and leaves the others', async () => {
    const rig = await reconcileRig(alwaysOn(['one'], 'replicas = 3'), 3);
    const [first] = runsOf(rig, 'sandbox/one');
    rig.edit(alwaysOn(['one'], 'replicas = 1'));
    expect((await planNow(rig)).changes).toMatchObject([
      { class: 'restart', stops: [{ why: 'removed' }, { why: 'removed' }] },
    ]);
    await apply(rig);
    await rig.until(() => rig.host.live().length === 1);
    expect(runsOf(rig, 'sandbox/one')).toEqual([first]);
  });

  it.each([
    ['priority', 'priority = 7'],
    ['grace_period_secs', 'grace_period_secs = 30'],
    ['replicas, upwards', 'replicas = 2'],
  ])('changes %s in place and touches no running agent', async (_key, line) => {
    const rig = await reconcileRig(alwaysOn(['one']), 1);
    const before = runsOf(rig, 'sandbox/one');
    rig.edit(alwaysOn(['one'], line));
    expect((await planNow(rig)).changes).toMatchObject([{ class: 'in-place', stops: [] }]);
    expect(await applied(rig)).toMatchObject({ success: true, updated: 1 });
    expect(runsOf(rig, 'sandbox/one')).toEqual(before);
    expect(rig.host.stops).toEqual([]);
  });

  it('forgets the quarantine of an agent that is another program now, and only of such a one', async () => {
    const rig = await reconcileRig(TWO, 2);
    const held = { reason: { kind: 'restarts_too_often', ends: 10, windowMs: 1, lastEnding: 'killed' } } as const;
    const { recorder, quarantines } = rig.daemon.services;
    for (const agent of ['sandbox/one', 'sandbox/two'] as AgentKey[]) {
      const failure = { run: 'r1' as RunId, agent, project: null, endedAt: 1, tookMs: 1 };
      recorder.commit('daemon', (note) => {
        quarantines.hold(agent, { ...held, failure: { ...failure, outcome: { kind: 'succeeded' } } as never }, note);
      });
    }
    rig.edit(
      CHANGED.replace(
        'name = "one"\nproject = "sandbox"\nlayer = "Safety"\ncli_tool = "sh"',
        'name = "one"\nproject = "sandbox"\nlayer = "Safety"\ncli_tool = "bash"',
      ),
    );
    const { changes } = await apply(rig);
    expect(changes.map((change) => change.class)).toEqual(['recreate', 'restart']);
    expect(quarantines.of('sandbox/one' as AgentKey)).toBeNull();
    expect(quarantines.of('sandbox/two' as AgentKey)).not.toBeNull();
  });
});

describe('a saved plan', () => {
  it('is carried out when nothing has changed since', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    const plan = await planNow(rig);
    expect(await applied(rig, { plan })).toMatchObject({ success: true, updated: 2 });
  });

  it.each<[string, (rig: DaemonRig) => Promise<void> | void, string]>([
    ['agents.toml was edited', (rig) => rig.edit(GONE), 'agents.toml is not the one that this plan was made from'],
    [
      'a run ended and another took its place',
      async (rig) => {
        rig.host.exit(rig.host.live()[0]!);
        await rig.until(() => rig.host.starts.length === 3);
      },
      'what is in force or alive is not what it was when this plan was made',
    ],
    [
      'somebody applied it already',
      async (rig) => {
        await apply(rig);
      },
      'what is in force or alive is not what it was when this plan was made',
    ],
  ])('is refused when %s', async (_what, change, why) => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    const plan = await planNow(rig);
    await change(rig);
    const stops = rig.host.stops.length;
    const view = await rig.command(async (control) => control.apply({ by: 'eva', maxAttempts: 3, plan }));
    expect(view).toEqual({
      refused: { code: 'plan.stale', message: `${why}; nothing was done. A new one: adf plan -o FILE` },
    });
    expect(rig.host.stops).toHaveLength(stops);
    expect(rig.factsOf('reconcile.ended').filter(({ success }) => !success)).toEqual([]);
  });
});
