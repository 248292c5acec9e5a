// The local tracker and the fake one on top of it keep the promises of the port, and a ledger that fails is a failure.

import { describe, expect, it } from 'vitest';
import { LocalTracker } from '../../../src/adapters/local-tracker/tracker.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { Gate } from '../../support/gate.ts';
import { MemoryIssueStore } from '../../support/memory-issue-store.ts';
import { storePerson } from '../../support/store-person.ts';
import { draft, trackerSuite, type TrackerSubject } from '../../ports/tracker.suite.ts';

const PLACE = { project: 'suite', owner: null, repository: null };

function subjectOn(make: (store: MemoryIssueStore, now: () => number) => LocalTracker | FakeTracker): TrackerSubject {
  let at = Date.UTC(2026, 10, 21, 10);
  const now = (): number => at;
  const store = new MemoryIssueStore();
  return {
    tracker: make(store, now),
    place: PLACE,
    person: storePerson(store, now),
    now,
    later: async () => (at += 1),
    close: async () => undefined,
  };
}

trackerSuite('local', async () => subjectOn((store, now) => new LocalTracker(store, now)));
trackerSuite('fake', async () => subjectOn((store, now) => new FakeTracker(now, store)));

describe('the local tracker', () => {
  it('reports a ledger that fails as something to be tried again', async () => {
    const store = new MemoryIssueStore();
    store.get = () => {
      throw new Error('database or disk is full');
    };

    const reply = await new LocalTracker(store, Date.now).get(PLACE, 1);

    expect(reply).toMatchObject({ kind: 'failed', permanent: false, status: null });
    expect(reply).toHaveProperty('message', expect.stringContaining('disk is full'));
  });

  it('numbers the issues of all projects in one series', async () => {
    const subject = subjectOn((store, now) => new LocalTracker(store, now));

    const numbers = [];
    for (const project of ['a', 'b', 'a']) {
      const reply = await subject.tracker.open({ ...PLACE, project }, draft(subject));
      numbers.push(reply.kind === 'done' ? reply.value.number : 0);
    }

    expect(numbers).toEqual([1, 2, 3]);
  });
});

describe('the fake tracker', () => {
  it('fails as told and then does what it is asked', async () => {
    const subject = subjectOn((store, now) => new FakeTracker(now, store));
    const tracker = subject.tracker as FakeTracker;
    const wanted = draft(subject);

    tracker.strike({ kind: 'fail', failure: { status: 401, permanent: true } }, { call: 'open' });

    expect(await tracker.open(PLACE, wanted)).toMatchObject({ kind: 'failed', status: 401, permanent: true });
    expect(tracker.store.byMarker(wanted.marker)).toBeNull();
    expect(await tracker.open(PLACE, wanted)).toMatchObject({ kind: 'done' });
    expect(tracker.seen.map((seen) => seen.call)).toEqual(['open', 'open']);
  });

  it('does what it is asked although the answer is lost', async () => {
    const subject = subjectOn((store, now) => new FakeTracker(now, store));
    const tracker = subject.tracker as FakeTracker;
    const wanted = draft(subject);

    tracker.strike({ kind: 'lose' });

    expect(await tracker.open(PLACE, wanted)).toMatchObject({ kind: 'failed', effect: 'unknown' });
    expect(await tracker.open(PLACE, wanted)).toMatchObject({ kind: 'done', value: { number: 1 } });
  });

  it('strikes the same calls for the same seed, and none when calm', async () => {
    const outcomes = async (): Promise<readonly string[]> => {
      const tracker = new FakeTracker(Date.now);
      tracker.setRates({ seed: 7, fail: 0.3, lose: 0.3 });
      const kinds = [];
      for (let call = 0; call < 20; call += 1) {
        kinds.push((await tracker.check(PLACE)).kind);
      }
      return kinds;
    };

    const first = await outcomes();

    expect(first).toEqual(await outcomes());
    expect(new Set(first).size).toBe(2);
    const calm = new FakeTracker(Date.now);
    calm.setRates({ seed: 7, fail: 1, lose: 0 });
    calm.calm();
    expect((await calm.check(PLACE)).kind).toBe('done');
  });

  it('waits at a gate', async () => {
    const tracker = new FakeTracker(Date.now);
    const gate = new Gate();
    tracker.strike({ kind: 'hold', gate });

    const reply = tracker.check(PLACE);
    await gate.arrived;
    gate.release();

    expect((await reply).kind).toBe('done');
  });
});
