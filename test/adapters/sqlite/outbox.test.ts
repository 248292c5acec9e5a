// In which order reactions are handed out, and what a refused one holds up.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { testLedger } from '../../support/ledger.ts';

let ledger: Ledger;
beforeEach(() => {
  ledger = testLedger();
});
afterEach(() => ledger.close());

/** A row called `key` in `lane` of `target`, due at `nextAt`; its unit is the first letter of the key. */
function add(lane: string, key: string, rest: { readonly target?: string; readonly nextAt?: number } = {}): boolean {
  const { target = 'tracker', nextAt = 1 } = rest;
  return ledger.outbox.add({
    target,
    lane,
    unit: key.slice(0, 1),
    naturalKey: key,
    effect: { key },
    createdAt: 1,
    nextAt,
  });
}

function due(now: number, target = 'tracker'): readonly string[] {
  return ledger.outbox.due(target, now, 10).map((row) => row.naturalKey);
}

function idOf(key: string): number {
  return ledger.outbox.list().find((row) => row.naturalKey === key)?.id ?? 0;
}

describe('the outbox', () => {
  it('takes a wish once, however often it is made', () => {
    expect([add('lane', 'a1'), add('lane', 'a1')]).toEqual([true, false]);
    ledger.outbox.done(idOf('a1'));
    expect([add('lane', 'a1'), due(1)]).toEqual([false, []]);
  });

  it('hands out the first of each lane, and the next one when it is done', () => {
    add('one', 'a1');
    add('one', 'a2');
    add('two', 'b1');
    expect(due(1)).toEqual(['a1', 'b1']);
    ledger.outbox.done(idOf('a1'));
    expect(due(1)).toEqual(['a2', 'b1']);
  });

  it('holds a lane while its first row waits for another try', () => {
    add('one', 'a1');
    add('one', 'b1');
    ledger.outbox.retry(idOf('a1'), { nextAt: 5, error: '503' });
    expect([due(4), ledger.outbox.nextAt('tracker'), due(5)]).toEqual([[], 5, ['a1']]);
  });

  it('holds behind a refused row only what belongs to the same incident', () => {
    add('one', 'a1');
    add('one', 'a2');
    add('one', 'b1');
    ledger.outbox.park(idOf('a1'), '403');
    expect(due(1)).toEqual(['b1']);
    ledger.outbox.done(idOf('b1'));
    expect([due(1), ledger.outbox.nextAt('tracker')]).toEqual([[], null]);
    expect(ledger.outbox.unpark('tracker', 2)).toBe(1);
    expect([due(1), due(2)]).toEqual([[], ['a1']]);
  });

  it('hands out to one target whatever waits for the others', () => {
    for (let row = 0; row < 100; row += 1) {
      add(`lane${row}`, `${row}`);
    }
    add('flag', 'f1', { target: 'flag', nextAt: 3 });
    expect([due(3, 'flag'), ledger.outbox.nextAt('flag')]).toEqual([['f1'], 3]);
  });
});
