// In which order reactions are handed out, and what a refused one holds up.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { testLedger } from '../../support/ledger.ts';

let ledger: Ledger;
beforeEach(() => {
  ledger = testLedger();
});
afterEach(() => ledger.close());

/** A row called `key` in `lane` of `target`; its unit is the first letter of the key. */
function add(lane: string, key: string, rest: { readonly target?: string; readonly createdAt?: number } = {}): boolean {
  const { target = 'tracker', createdAt = 1 } = rest;
  return ledger.outbox.add({ target, lane, unit: key.slice(0, 1), naturalKey: key, effect: { key }, createdAt });
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

  it('hands out a new row at once, whatever the clock has become since', () => {
    add('one', 'a1', { createdAt: 1_000 });
    expect(due(1)).toEqual(['a1']);
  });

  it('lets rows wait no longer than they would have when the clock is set back', () => {
    add('one', 'a1');
    add('two', 'b1');
    ledger.outbox.retry(idOf('a1'), { nextAt: 1_010, error: '503' });
    ledger.outbox.retry(idOf('b1'), { nextAt: 900, error: '503' });
    ledger.outbox.hasten('tracker', 500, 500);
    expect([due(509), due(510)]).toEqual([['b1'], ['a1', 'b1']]);
  });

  it('hands out to one target whatever waits for the others', () => {
    for (let row = 0; row < 100; row += 1) {
      add(`lane${row}`, `${row}`);
    }
    add('flag', 'f1', { target: 'flag', createdAt: 3 });
    expect([due(3, 'flag'), ledger.outbox.nextAt('flag')]).toEqual([['f1'], 3]);
  });
});
