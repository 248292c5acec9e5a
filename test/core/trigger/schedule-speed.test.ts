import { describe, expect, it } from 'vitest';
import { nextDue, pass } from '../../../src/core/trigger/pass.ts';
import { slotsIn } from '../../../src/core/trigger/schedule.ts';
import { cron, scheduledAgent, zones } from '../../support/schedules.ts';

const HOUR = 3_600_000;
const T = Date.parse('2026-11-21T10:00:07Z');

// Processor time, so that a busy machine does not decide; ten times what was measured (5, 270, 25 and 290 ms).
describe('processor time', () => {
  it('of 72 h for 1,440 daily expressions is far below a second', () => {
    const schedules = Array.from({ length: 1440 }, (_, minute) =>
      cron(`${minute % 60} ${Math.floor(minute / 60)} * * *`),
    );
    const zone = zones('Europe/Berlin');
    const { spentMs, result } = spend(() =>
      schedules.reduce(
        (count, schedule) => count + slotsIn(schedule, zone, { afterMs: T, untilMs: T + 72 * HOUR, cap: 99 }).length,
        0,
      ),
    );
    expect(result).toBe(3 * 1440);
    expect(spentMs).toBeLessThan(200);
  });

  it('of 72 h for 1,440 expressions that match every minute stays below three seconds', () => {
    const schedule = cron('* * * * *');
    const { spentMs } = spend(() => {
      for (let expression = 0; expression < 1440; expression += 1) {
        slotsIn(schedule, zones('Europe/Berlin'), { afterMs: T, untilMs: T + 72 * HOUR, cap: 10_000 });
      }
    });
    expect(spentMs).toBeLessThan(3000);
  });

  it('of 10,000 agents: asking each for its next slot, and a pass over a year', () => {
    const agents = Array.from({ length: 10_000 }, (_, index) =>
      scheduledAgent(['* * * * *', '*/5 * * * *', '0 * * * *', `${index % 60} ${index % 24} * * *`][index % 4] ?? '', {
        key: `p${index % 50}/a${index}`,
        zone: zones(['UTC', 'Europe/Berlin', 'America/New_York'][index % 3] ?? ''),
        jitterMs: 30_000,
      }),
    );
    const reading = { wallMs: T, monotonicMs: 365 * 24 * HOUR, bootId: 'a' };
    const state = {
      watermarkMs: T - 365 * 24 * HOUR,
      epoch: 0,
      reading: { ...reading, wallMs: T - 365 * 24 * HOUR, monotonicMs: 0 },
    };
    const asked = spend(() => agents.filter((agent) => nextDue(agent, { ...state, watermarkMs: T }) !== null).length);
    expect(asked.result).toBe(10_000);
    expect(asked.spentMs).toBeLessThan(300);
    const passed = spend(() => pass({ isFirst: true, state, now: reading, agents, ranBefore: () => false }));
    expect(passed.result.missed).toHaveLength(10_000);
    expect(passed.spentMs).toBeLessThan(3000);
  });
});

function spend<Result>(work: () => Result): { readonly spentMs: number; readonly result: Result } {
  const before = process.cpuUsage();
  const result = work();
  return { spentMs: process.cpuUsage(before).user / 1000, result };
}
