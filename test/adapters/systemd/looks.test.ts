// A look that fails ends neither the daemon nor the looking.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Looks, type LookedAt } from '../../../src/adapters/systemd/looks.ts';
import type { AttemptId } from '../../../src/core/ids.ts';
import { OperationalError } from '../../../src/lib/operational-error.ts';

const ID = 'r1.1' as AttemptId;
const EXIT = { record: {} as never, at: 0 };

let told: unknown[];
let ended: AttemptId[];
let written: number;
let readExit: () => typeof EXIT | null;
let closing: AbortController;
let looks: Looks<LookedAt>;
beforeEach(() => {
  told = [];
  ended = [];
  written = 0;
  readExit = () => null;
  closing = new AbortController();
  looks = new Looks<LookedAt>({
    live: new Map([[ID, { unit: 'adf.service', runs: true, goneSince: null, isUnreadable: false }]]),
    records: {
      exit: () => readExit(),
      writeAgain: () => {
        written += 1;
      },
    },
    manager: { state: () => Promise.resolve({ active: 'active', pid: 1 }) },
    signal: closing.signal,
    end: (id) => Promise.resolve(void ended.push(id)),
    log: () => undefined,
    fail: (error) => told.push(error),
  });
});
afterEach(() => closing.abort());

async function look(): Promise<void> {
  looks.all();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a look', () => {
  it('that cannot read is told once as the outside failing, and again after it could', async () => {
    readExit = () => {
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
    };
    await look();
    await look();
    expect(told).toEqual([expect.objectContaining({ code: 'systemd.look' })]);
    expect(String(told[0])).toContain('r1.1');

    const unreadable = readExit;
    readExit = () => null;
    await look();
    readExit = unreadable;
    await look();
    expect(told).toHaveLength(2);

    readExit = () => EXIT;
    await look();
    expect(ended).toEqual([ID]);
  });

  it('that finds an invariant broken says so as it is', async () => {
    readExit = () => {
      throw new TypeError('broken');
    };
    await look();
    expect(told[0]).not.toBeInstanceOf(OperationalError);
    expect(told[0]).toBeInstanceOf(TypeError);
  });

  it('writes again what the disk did not take', async () => {
    await look();
    await look();
    expect(written).toBe(2);
  });
});
