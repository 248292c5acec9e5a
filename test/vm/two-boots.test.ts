// Two machines side by side: one for people, one for limits and restarts, which is booted again after its power went while agents ran.

import { afterAll, describe, expect, it } from 'vitest';
import { guestTests, Machine, resultsIn, type GuestResult } from './machine.ts';

const SETUP = 'sh test/vm/guest/setup.sh';

const [peoples, machine] = [new Machine(), new Machine()];
afterAll(() => {
  peoples.dispose();
  machine.dispose();
});

const [shown, first] = await Promise.all([
  peoples.boot([SETUP, 'node test/vm/guest/costs.ts', guestTests('people')]),
  machine.boot([SETUP, guestTests('limits'), 'node test/vm/guest/cut.ts']),
]);
machine.give('seen.json', first.get('seen') ?? '[]');
const second = await machine.boot([guestTests('power')]);

function told(results: readonly GuestResult[]): void {
  for (const { title, passed, message } of results) {
    it(title, () => {
      expect(passed, message).toBe(true);
    });
  }
}

describe('on a machine with systemd', () => {
  it('says what a start costs on each host beside a bare spawn', () => {
    const { bareMs, keeper, systemd } = JSON.parse(shown.get('costs') ?? '{}') as Readonly<Record<string, number>>;
    process.stdout.write(
      `bare spawn ${bareMs?.toFixed(1)} ms, keeper ×${keeper?.toFixed(1)}, systemd ×${systemd?.toFixed(1)}\n`,
    );
    expect([bareMs, keeper, systemd].every((figure) => Number(figure) > 0)).toBe(true);
  });

  told(resultsIn(shown));
  told(resultsIn(first));
});

describe('after a power cut in the middle of ten runs', () => {
  told(resultsIn(second));
});
