// Two boots of one machine: limits and restarts, then what is left after the power went while agents ran.

import { afterAll, describe, expect, it } from 'vitest';
import { guestTests, Machine, resultsIn, type GuestResult } from './machine.ts';

const machine = new Machine();
afterAll(() => machine.dispose());

const first = await machine.boot([
  'sh test/vm/guest/setup.sh',
  'node test/vm/guest/costs.ts',
  guestTests('limits'),
  'node test/vm/guest/cut.ts',
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
    const { bareMs, keeper, systemd } = JSON.parse(first.get('costs') ?? '{}') as Readonly<Record<string, number>>;
    process.stdout.write(
      `bare spawn ${bareMs?.toFixed(1)} ms, keeper ×${keeper?.toFixed(1)}, systemd ×${systemd?.toFixed(1)}\n`,
    );
    expect([bareMs, keeper, systemd].every((figure) => Number(figure) > 0)).toBe(true);
  });

  told(resultsIn(first));
});

describe('after a power cut in the middle of ten runs', () => {
  told(resultsIn(second));
});
