// The reconciler document: agents.toml against what is in force and alive.

import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/config/hash.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { DEFAULT_ATTEMPTS, RETRY_PAUSE_MS } from '../../src/core/reconcile/attempts.ts';
import { driftReport, driftText, isConverged } from '../../src/core/reconcile/drift-report.ts';
import { resourcesOf } from '../../src/core/reconcile/desired.ts';
import { planOf } from '../../src/core/reconcile/plan.ts';
import { resultText } from '../../src/core/reconcile/result.ts';
import { readStored } from '../../src/core/reconcile/stored.ts';
import { fleetOf } from '../support/load-config.ts';
import {
  apply,
  applied,
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
const STAGING = TWO.replace('[factory]\n', '[factory]\nenvironment = "staging"\n');

describe('the reconciler: what is compared', () => {
  it('R1 brings what is in force and alive to what agents.toml says', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(alwaysOn(['one', 'three'], 'args = ["-e"]'));
    expect(await applied(rig)).toMatchObject({ success: true, created: 1, updated: 1, deleted: 1 });
    await rig.until(() => rig.host.live().length === 2 && runsOf(rig, 'sandbox/three').length === 1);
    expect(runsOf(rig, 'sandbox/two')).toEqual([]);
    expect(rig.host.starts.at(-1)?.spec.argv).toContain('-e');
    expect((await drift(rig)).hasDrift).toBe(false);
  });

  it('R2 the same agent of another environment is another one', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(STAGING);
    const { changes } = await planNow(rig);
    expect(changes.filter(({ kind }) => kind === 'agent').map(({ key, difference }) => [key, difference])).toEqual([
      ['sandbox/one', 'create'],
      ['sandbox/two', 'create'],
      ['sandbox/one', 'delete'],
      ['sandbox/two', 'delete'],
    ]);
    const view = await apply(rig);
    expect(view.violations).toMatchObject([{ code: 'max_deletes' }]);
  });

  it('R2 and each environment remembers its own last reconciliation', async () => {
    const rig = await reconcileRig(TWO, 2);
    await apply(rig);
    expect((await drift(rig)).last).toMatchObject({ by: 'eva', success: true });
    rig.edit(STAGING);
    expect((await drift(rig)).last).toBeNull();
  });

  it.each([
    ['nothing', null],
    ['a version that is not known', { version: 2, configHash: 'c' }],
  ])('R3 begins with a fresh state where %s is stored', (_what, stored) => {
    expect(readStored(stored)).toMatchObject({ version: 1, configHash: null, result: null });
  });

  it('R7 looks afresh before each attempt, so that what was done by the first is not done by the second', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 1);
    expect(await applied(rig)).toMatchObject({ success: true, updated: 2, attempts: 2 });
    expect(rig.host.stops.map(({ reason }) => reason.kind)).toEqual(['redefined', 'redefined']);
    expect(rig.factsOf('config.loaded')).toHaveLength(1);
  });

  it('R8 makes no attempt where nothing differs, and counts what stays', async () => {
    const rig = await reconcileRig(TWO, 2);
    const before = rig.facts().length;
    expect(await applied(rig)).toMatchObject({ success: true, created: 0, updated: 0, deleted: 0, attempts: 0 });
    expect((await applied(rig)).unchanged).toBe((await drift(rig)).totalResources);
    expect(rig.facts()).toHaveLength(before);
  });

  it('R18 a configuration is known by a hash of all that it says', () => {
    const plan = planOf(fleetOf(TWO), { fleet: fleetOf(TWO), node: 'build1', standing: [] }, sha256);
    expect(plan.configHash).toBe(fleetOf(`# a comment\n${TWO}`).hash);
    expect(plan.configHash).not.toBe(fleetOf(CHANGED).hash);
  });
});

describe('the reconciler: its attempts', () => {
  it('R4 makes 3 attempts by default, and as many as it is told', async () => {
    expect(DEFAULT_ATTEMPTS).toBe(3);
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 100);
    expect(await applied(rig)).toMatchObject({ success: false, attempts: 3 });
    expect(await applied(rig, { maxAttempts: 1 })).toMatchObject({ success: false, attempts: 1 });
  });

  it('R5 pauses 2 s after an attempt that could not be made, and names it', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failOnFact(rig, 'reconcile.started', { times: 1 });
    const before = rig.clock.monotonic();
    expect(await applied(rig)).toMatchObject({ success: true, attempts: 2 });
    expect(rig.clock.monotonic() - before).toBeGreaterThanOrEqual(RETRY_PAUSE_MS);
    expect(RETRY_PAUSE_MS).toBe(2000);
    failOnFact(rig, 'reconcile.started', { times: 3 });
    rig.edit(TWO);
    await expect(apply(rig)).rejects.toThrow(
      'Attempt 1: the disk is full\nAttempt 2: the disk is full\nAttempt 3: the disk is full',
    );
  });

  it('R5 goes on at once after an attempt that worked in part', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 1);
    const before = rig.clock.monotonic();
    await apply(rig);
    expect(rig.clock.monotonic() - before).toBeLessThan(RETRY_PAUSE_MS);
  });

  it('R6 ends with the first attempt in which everything worked', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    expect(await applied(rig)).toMatchObject({ success: true, attempts: 1 });
    expect(rig.factsOf('reconcile.started')).toHaveLength(1);
  });

  it('R9 a guardrail aborts with all that is broken, and is not tried again', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(`[guardrails]\nmax_agents = 2\nmax_concurrent = 8\n${alwaysOn(['one', 'two', 'three'])}`);
    const view = await apply(rig);
    expect(view.violations.map(({ text }) => text)).toEqual([
      '3 agents, at most 2 ([guardrails] max_agents)',
      '50 runs at once (max_concurrent_agents), at most 8 ([guardrails] max_concurrent)',
    ]);
    expect(view.result).toMatchObject({ success: false, created: 0, attempts: 1 });
    expect(rig.factsOf('reconcile.started')).toEqual([]);
    expect(rig.host.starts).toHaveLength(2);
  });

  it('R10 goes on after an action that fails, and says first how many did', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 100, 'sandbox/one');
    const result = await applied(rig, { maxAttempts: 1 });
    expect(result).toMatchObject({ success: false, updated: 1, planned: { updated: 2 } });
    expect(result.errors).toEqual([
      '1 of 2 actions failed',
      expect.stringMatching(/^agent sandbox\/one: r\w+: no line$/),
    ]);
  });

  it('R11 keeps the end whatever it was, and an end that cannot be kept is a line', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failStops(rig, 3, 'sandbox/one');
    await apply(rig);
    expect((await drift(rig)).last).toMatchObject({ by: 'eva', success: false });
    failOnFact(rig, 'reconcile.ended', { times: 1 });
    const result = await applied(rig);
    expect(result).toMatchObject({ success: true, errors: ['the result could not be saved: the disk is full'] });
  });

  it('R12 throws the last error when no attempt has done anything, and answers when one has', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    failOnFact(rig, 'reconcile.started', { times: 3 });
    await expect(apply(rig)).rejects.toMatchObject({ code: 'storage' });
    failStops(rig, 100, 'sandbox/one');
    failOnFact(rig, 'reconcile.started', { after: 1, times: 100 });
    expect(await applied(rig)).toMatchObject({
      success: false,
      updated: 1,
      errors: ['Attempt 2: the disk is full', 'Attempt 3: the disk is full'],
    });
  });
});

describe('the reconciler: what it tells', () => {
  it('R13 the result has success, counts of what was done, errors, and not the state itself', async () => {
    const rig = await reconcileRig(TWO, 2);
    rig.edit(CHANGED);
    expect(Object.keys(await applied(rig)).toSorted()).toEqual(
      ['attempts', 'created', 'deleted', 'errors', 'planned', 'success', 'unchanged', 'updated'].toSorted(),
    );
  });

  it.each([
    [true, [], ['Reconciliation successful:', '  Created: 1', '  Updated: 2', '  Deleted: 3', '  Unchanged: 4']],
    [
      false,
      ['1 of 6 actions failed', 'agent a: no line'],
      [
        'Reconciliation failed:',
        '  Created: 1',
        '  Updated: 2',
        '  Deleted: 3',
        '  Unchanged: 4',
        '  Errors:',
        '    - 1 of 6 actions failed',
        '    - agent a: no line',
      ],
    ],
  ])('R14 the text of a result begins with how it ended (%s)', (success, errors, text) => {
    const counts = { created: 1, updated: 2, deleted: 3, unchanged: 4 };
    expect(resultText({ success, ...counts, errors, planned: counts, attempts: 1 })).toEqual(text);
  });

  it('R15 a drift check changes nothing; create, update, delete and drift all count', async () => {
    const rig = await reconcileRig(alwaysOn(['one', 'two', 'three']), 3);
    failStops(rig, 100, 'sandbox/one');
    await rig.reload(alwaysOn(['one', 'two', 'three']).replace('name = "one"', 'name = "one"\nargs = ["-e"]'));
    rig.edit(
      alwaysOn(['one', 'two', 'four'])
        .replace('name = "one"', 'name = "one"\nargs = ["-e"]')
        .replace('name = "two"', 'name = "two"\npriority = 1'),
    );
    const before = { facts: rig.facts().length, hash: rig.fleet.now.hash, stops: rig.host.stops.length };
    const view = await drift(rig);
    expect(view.changes.map(({ key, difference }) => [key, difference])).toEqual([
      ['sandbox/one', 'drift'],
      ['sandbox/two', 'update'],
      ['sandbox/four', 'create'],
      ['sandbox/three', 'delete'],
    ]);
    expect({ facts: rig.facts().length, hash: rig.fleet.now.hash, stops: rig.host.stops.length }).toEqual(before);
  });

  it('R16 the report counts what agents.toml holds and what was found', () => {
    const onDemand = (toml: string): Fleet => fleetOf(toml.replaceAll('Safety', 'Growth'));
    const desired = onDemand(alwaysOn(['one', 'two', 'three']));
    const observed = { fleet: onDemand(TWO), node: 'build1', standing: [] };
    const report = driftReport(desired, observed, planOf(desired, observed, sha256));
    expect(report).toEqual({
      hasDrift: true,
      driftedResources: ['agent sandbox/three'],
      totalResources: resourcesOf(desired).size,
      observedCount: resourcesOf(desired).size - 1,
    });
    expect(report.totalResources).toBeGreaterThan(desired.agents.length);
    expect(isConverged(report)).toBe(false);
  });

  it('R17 the text of a report names what drifted, or says that nothing has', () => {
    const report = { hasDrift: true, driftedResources: ['factory', 'agent a'], totalResources: 2, observedCount: 2 };
    expect(driftText(report)).toEqual(['Drift detected:', '  - factory', '  - agent a']);
    expect(driftText({ ...report, hasDrift: false, driftedResources: [] })).toEqual([
      'No drift detected - state is converged',
    ]);
  });
});
