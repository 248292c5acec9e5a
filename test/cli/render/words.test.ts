// The words that several commands share.

import { describe, expect, it } from 'vitest';
import { wallText } from '../../../src/cli/render/words.ts';
import { NO_TIMEOUT_MS } from '../../../src/core/fleet.ts';

describe('a limit of wall clock', () => {
  it.each([
    [20_000, '', '20 s'],
    [120_000, ' wall', '2 min wall'],
    [NO_TIMEOUT_MS, ' wall', 'no time limit'],
  ])('of %i ms is told as such', (wallMs, unit, text) => {
    expect(wallText(wallMs, unit)).toBe(text);
  });
});
