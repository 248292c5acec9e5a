// First boot: the service manager holds the agents.

import { describe, expect, it } from 'vitest';
import { runGuestTests } from './machine.ts';

const results = await runGuestTests('guest');

describe('on a machine with systemd', () => {
  it('tests ran', () => {
    expect(results.length).toBeGreaterThan(0);
  });

  for (const { title, passed, message } of results) {
    it(title, () => {
      expect(passed, message).toBe(true);
    });
  }
});
