import { describe, expect, it } from 'vitest';
import { zoneTable } from '../../src/adapters/clock/zone-table.ts';
import { jitterOf } from '../../src/core/trigger/jitter.ts';
import { comingSlots, nextSlotOf } from '../../src/daemon/next-slot.ts';
import { fleetOf } from '../support/load-config.ts';

const HOUR = 3_600_000;
const house = { zones: zoneTable() };

function agent(keys: string) {
  const [only] = fleetOf(`[[agents]]\nname = "steward"\nlayer = "Core"\ncli_tool = "true"\n${keys}`).agents;
  return only!;
}

describe('the next slot of an agent, for people', () => {
  it.each([
    ['"30 2 * * *"', '2026-03-08T00:00:00Z', '2026-03-08T07:00:00.000Z', /does not exist that day .*America\/New_York/],
    [
      '"0 9 * * *"',
      '2026-03-08T00:00:00Z',
      '2026-03-08T13:00:00.000Z',
      /the clocks change in America\/New_York before it/,
    ],
    ['"0 3 * * *"', '2026-03-08T00:00:00Z', '2026-03-08T07:00:00.000Z', /the clocks change/],
    ['"0 9 * * *"', '2026-03-09T00:00:00Z', '2026-03-09T13:00:00.000Z', /^$/],
  ])('%s after %s is %s', (schedule, after, ...[at, note]) => {
    const next = nextSlotOf(house, agent(`schedule = ${schedule}\ntimezone = "America/New_York"`), Date.parse(after));
    expect(new Date(next?.at ?? 0).toISOString()).toBe(at);
    expect(next?.note ?? '').toMatch(note);
  });

  it('includes its jitter, and lists each slot once', () => {
    const spread = agent('schedule = "0 * * * *"\njitter = "3h"');
    const delay = jitterOf('steward', 3 * HOUR);
    const from = Date.parse('2026-11-21T10:00:00Z');
    const listed = comingSlots(house, spread, { from, to: from + 5 * HOUR, limit: 10 }).map(({ at }) => at);
    expect(listed).toHaveLength(5);
    expect(listed.map((at) => (at - delay) % HOUR)).toEqual([0, 0, 0, 0, 0]);
    expect(new Set(listed).size).toBe(5);
  });

  it.each([
    ['enabled = false\nschedule = "* * * * *"'],
    ['events = ["push"]\nevent_only = true\nschedule = "* * * * *"'],
    ['events = ["push"]'],
  ])('is none for %j', (keys) => {
    expect(nextSlotOf(house, agent(keys), 0)).toBeNull();
  });
});
