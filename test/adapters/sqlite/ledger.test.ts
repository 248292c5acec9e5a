import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reason } from '../../../src/core/admission/reasons.ts';
import type { AgentKey, AttemptId, ProjectId, RunId } from '../../../src/core/ids.ts';
import type { Ledger, NewRun } from '../../../src/ports/ledger.ts';
import { testLedger } from '../../support/ledger.ts';

const AGENT = 'demo/steward' as AgentKey;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

function wish(over: Partial<NewRun> = {}): NewRun {
  return {
    agent: AGENT,
    project: 'demo' as ProjectId,
    trigger: { kind: 'operator' },
    priority: 0,
    requestedAt: 1000,
    notBefore: 1000,
    input: {},
    dedupeKey: null,
    configHash: 'h',
    ...over,
  };
}

function waitingSlot(ledger: Ledger, at: number): RunId {
  const run = ledger.runs.insert(wish({ trigger: { kind: 'slot', slotAt: at, epoch: 0 } }));
  ledger.slots.insertWaiting({ agent: AGENT, epoch: 0, at, run: run.id });
  return run.id;
}

describe('ledger', () => {
  it('keeps state and facts together or not at all', () => {
    const ledger = testLedger();

    expect(() =>
      ledger.transact(() => {
        ledger.runs.insert(wish());
        ledger.facts.append({ kind: 'storage.recovered' }, { at: 1, mono: 1, actor: 'daemon', configHash: 'h' });
        throw new Error('stop');
      }),
    ).toThrow('stop');

    expect(ledger.runs.waiting()).toEqual([]);
    expect(ledger.facts.latest(10)).toEqual([]);
    ledger.close();
  });

  it('counts the slots held by exactly the runs that are live', () => {
    const ledger = testLedger();
    const [claimed, running, ended] = [wish(), wish({ project: null }), wish(), wish()].map(
      (each) => ledger.runs.insert(each).id,
    );
    ledger.runs.update(claimed ?? ('' as RunId), { state: 'claimed', memoryPromisedBytes: 7 });
    ledger.runs.update(running ?? ('' as RunId), { state: 'running' });
    ledger.runs.update(ended ?? ('' as RunId), { state: 'ended', endedAt: 2000 });

    expect(ledger.runs.held()).toEqual(
      ledger.runs.live().map(({ agent, project, memoryPromisedBytes }) => ({ agent, project, memoryPromisedBytes })),
    );
    expect(ledger.runs.held()).toHaveLength(2);
    ledger.close();
  });

  it('finds who waits, without what only a decision needs, and the open runs of one agent', () => {
    const ledger = testLedger();
    const slot = waitingSlot(ledger, 5000);
    const asked = ledger.runs.insert(wish({ agent: 'demo/other' as AgentKey, priority: 3 })).id;
    const running = ledger.runs.insert(wish()).id;
    ledger.runs.update(running, { state: 'running' });
    ledger.runs.update(ledger.runs.insert(wish()).id, { state: 'ended', endedAt: 2000 });

    expect(ledger.runs.queue()).toMatchObject([
      { id: slot, trigger: { kind: 'slot' }, slotAt: 5000, priority: 0, state: 'waiting' },
      { id: asked, trigger: { kind: 'operator' }, slotAt: null, priority: 3, attempts: 0 },
    ]);
    expect(ledger.runs.openOf(AGENT)).toEqual([ledger.runs.get(slot), ledger.runs.get(running)]);
    ledger.close();
  });

  it.each(['runs', 'attempts'] as const)('takes a patch of %s that changes nothing', (store) => {
    const ledger = testLedger();
    const run = ledger.runs.insert(wish());
    const id = run.id as RunId & AttemptId;
    expect(() => ledger[store].update(id, {})).not.toThrow();
    ledger.close();
  });

  it('gives runs short ids in their order and finds them by key, prefix and filter', () => {
    const ledger = testLedger();
    const first = ledger.runs.insert(wish({ dedupeKey: 'k1' }));
    const second = ledger.runs.insert(wish());
    ledger.runs.update(second.id, { state: 'ended', endedAt: 5000, outcome: { kind: 'succeeded' } });

    expect([first.id, second.id]).toEqual(['r101', 'r102']);
    expect(ledger.runs.byKey('k1')).toEqual(first);
    expect(ledger.runs.byPrefix('r10', 5).map((run) => run.id)).toEqual(['r102', 'r101']);
    expect(ledger.runs.list({ outcome: 'succeeded', limit: 10 }).map((run) => run.id)).toEqual(['r102']);
    expect(ledger.runs.get(second.id)?.outcome).toEqual({ kind: 'succeeded' });
    ledger.close();
  });

  it.each([
    ['just inside the window', 4000, 1],
    ['at its edge', 5000, 0],
  ])('counts an end %s', (_title, since, succeeded) => {
    const ledger = testLedger();
    const run = ledger.runs.insert(wish());
    ledger.runs.update(run.id, { state: 'ended', endedAt: 5000, outcome: { kind: 'succeeded' } });

    expect(ledger.runs.ends({ agent: AGENT }, since, 5000).succeeded).toBe(succeeded);
    ledger.close();
  });

  it('covers consecutive slots refused with the same codes by one row', () => {
    const ledger = testLedger();
    for (const at of [15_000, 30_000, 45_000]) {
      const run = waitingSlot(ledger, at);
      ledger.slots.refuse(run, [reason('project.paused', 'flag', { since: at })], at);
      ledger.runs.remove(run);
    }
    const admitted = waitingSlot(ledger, 60_000);
    ledger.slots.settle(admitted, 'admitted');
    const later = waitingSlot(ledger, 75_000);
    ledger.slots.refuse(later, [reason('project.paused', 'flag')], 75_000);

    const rows = ledger.slots.ofAgent(AGENT, 10).map(({ from, to, count, verdict }) => ({ from, to, count, verdict }));
    expect(rows).toEqual([
      { from: 75_000, to: 75_000, count: 1, verdict: 'refused' },
      { from: 60_000, to: 60_000, count: 1, verdict: 'admitted' },
      { from: 15_000, to: 45_000, count: 3, verdict: 'refused' },
    ]);
    expect(ledger.slots.covers(AGENT, 0, 30_000)).toBe(true);
    expect(ledger.slots.insertWaiting({ agent: AGENT, epoch: 0, at: 30_000, run: later })).toBe(false);
    ledger.close();
  });

  it('holds a day of slots refused every 15 s in one row, and nothing beside it', () => {
    const ledger = testLedger();
    const slots = 24 * 60 * 4;
    ledger.transact(() => {
      for (let slot = 1; slot <= slots; slot += 1) {
        const run = waitingSlot(ledger, slot * 15_000);
        ledger.slots.refuse(run, [reason('project.paused', `a flag, slot ${slot}`)], slot * 15_000);
        ledger.runs.remove(run);
      }
    });
    expect(ledger.slots.ofAgent(AGENT, 10)).toMatchObject([{ from: 15_000, to: slots * 15_000, count: slots }]);
    expect(ledger.runs.list({ limit: 10 })).toEqual([]);
    ledger.close();
  });

  it('adds a verdict only when decision or codes change', () => {
    const ledger = testLedger();
    const run = ledger.runs.insert(wish());
    const note = (running: number, now: number): boolean =>
      ledger.verdicts.note(run.id, 'deferred', {
        reasons: [reason('slots.project', `running ${running}, limit 2`, { running })],
        now,
      });

    expect([note(2, 1), note(2, 2), note(3, 3)]).toEqual([true, false, false]);
    expect(ledger.verdicts.ofRun(run.id)).toMatchObject([
      { firstAt: 1, lastAt: 3, count: 3, reasons: [{ numbers: { running: 3 } }] },
    ]);
    ledger.close();
  });

  it('refuses a second daemon while the first lives, and fences the first out once another took over', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adf-ledger-'));
    folders.push(folder);
    const path = join(folder, 'ledger.db');
    const first = testLedger({ path, pid: 1 });

    expect(() => testLedger({ path, pid: 2, isAlive: () => true })).toThrow('another dark-factory (pid 1)');
    const second = testLedger({ path, pid: 2, isAlive: () => false });
    expect(() => first.transact(() => first.runs.insert(wish()))).toThrow('took over');
    second.transact(() => second.runs.insert(wish()));
    expect(second.runs.waiting()).toHaveLength(1);
    first.close();
    second.close();
  });
});
