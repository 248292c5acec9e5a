// The words that several commands share.

import { describe, expect, it } from 'vitest';
import { activityText, wallText } from '../../../src/cli/render/words.ts';
import { NO_TIMEOUT_MS } from '../../../src/core/fleet.ts';
import type { ActivityView } from '../../../src/http/contract.ts';

describe('a limit of wall clock', () => {
  it.each([
    [20_000, '', '20 s'],
    [120_000, ' wall', '2 min wall'],
    [NO_TIMEOUT_MS, ' wall', 'no time limit'],
  ])('of %i ms is told as such', (wallMs, unit, text) => {
    expect(wallText(wallMs, unit)).toBe(text);
  });
});

it.each<[ActivityView, string]>([
  [{ state: 'working', silentMs: 14_999 }, 'working'],
  [{ state: 'working', silentMs: 15_000 }, 'working, silent for 15 s'],
  [{ state: 'waiting', silentMs: 61_500 }, 'waiting for its provider, silent for 61 s'],
  [{ state: 'parked', silentMs: 45_000 }, 'parked on its input, silent for 45 s'],
  [{ state: 'idle', silentMs: 45_000 }, 'idle, silent for 45 s'],
  [{ state: 'dead', silentMs: 45_000 }, 'dead: no process of it is left, and nobody told its end'],
])('says what a live run does: %j', (activity, text) => {
  expect(activityText(activity)).toBe(text);
});
