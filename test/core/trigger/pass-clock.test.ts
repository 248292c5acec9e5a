import { describe, expect, it } from 'vitest';
import { scheduledAgent, zones } from '../../support/schedules.ts';
import { SchedulerRig } from '../../support/scheduler-rig.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T = Date.parse('2026-11-21T10:00:07Z');

const FLEET = [
  scheduledAgent('* * * * *', { key: 'minutely' }),
  scheduledAgent('*/15 * * * * *', { key: 'quick' }),
  scheduledAgent('0 * * * *', { key: 'hourly' }),
  scheduledAgent('30 10 * * *', { key: 'daily', zone: zones('Europe/Berlin') }),
  scheduledAgent('*/10 * * * *', { key: 'catching-up', misfire: { policy: 'run_all', lateOkMs: 0 } }),
];

/** Sets the clock by `byMs` while the daemon is up, or down for 3 s, and lets it see that. */
function step(rig: SchedulerRig, byMs: number, daemon: 'up' | 'down'): void {
  if (daemon === 'down') {
    rig.stop();
    rig.advance(2 * SECOND);
    rig.setClock(byMs);
    rig.advance(SECOND);
    rig.start();
  } else {
    rig.setClock(byMs);
    rig.look();
  }
}

/** What the rig was told of time: steps in seconds, anything else by name. */
function told(rig: SchedulerRig): readonly (number | string)[] {
  return rig.facts.map((fact) => (fact.kind === 'clock.stepped' ? Math.round(fact.byMs / SECOND) : fact.kind));
}

/** Starts of an agent in the last `agoMs` of true time. */
function starts(rig: SchedulerRig, agent: string, agoMs: number): number {
  return rig.due.filter((slot) => slot.agent === agent && slot.trueMs > rig.trueMs - agoMs).length;
}

describe.each(['up', 'down'] as const)('a clock that is set while the daemon is %s', (daemon) => {
  it.each([
    ['forward by 72 h', [72 * HOUR]],
    ['back by 1 h', [-HOUR]],
    ['back by 1 h, twice', [-HOUR, -HOUR]],
    ['forward by 72 h and back again', [72 * HOUR, -72 * HOUR]],
    ['back by 72 h and forward again', [-72 * HOUR, 72 * HOUR]],
  ])('%s, gives one fact each, no burst and no silence', (_title, steps) => {
    const rig = new SchedulerRig(FLEET, T);
    rig.advance(2 * HOUR);
    for (const [index, byMs] of steps.entries()) {
      const before = rig.due.length;
      step(rig, byMs, daemon);
      expect(told(rig)).toEqual(steps.slice(0, index + 1).map((by) => by / SECOND));
      const burst = rig.due.slice(before);
      for (const { key, misfire } of FLEET) {
        expect(burst.filter(({ agent }) => agent === key).length).toBeLessThanOrEqual(
          misfire.policy === 'run_all' ? 5 : 1,
        );
      }
      rig.advance(HOUR);
      expect(starts(rig, 'minutely', 50 * MINUTE)).toBe(50);
      expect(starts(rig, 'quick', 50 * MINUTE)).toBe(200);
      expect(starts(rig, 'hourly', HOUR)).toBe(1);
      expect(starts(rig, 'catching-up', 50 * MINUTE)).toBe(5);
    }
    expect(rig.epoch).toBe(steps.filter((by) => by < 0).length);
    expect(told(rig)).toHaveLength(steps.length);
  });

  it('never runs a fixed slot of the same instant twice', () => {
    const rig = new SchedulerRig(
      FLEET.filter(({ key }) => key === 'daily' || key === 'hourly'),
      T,
    );
    for (const byMs of [-HOUR, -HOUR, 72 * HOUR, -72 * HOUR, -3 * DAY, 3 * DAY]) {
      rig.advance(26 * HOUR);
      step(rig, byMs, daemon);
    }
    rig.advance(5 * DAY);
    const ran = rig.due.filter(({ agent }) => agent === 'daily').map(({ at }) => at);
    expect(new Set(ran).size).toBe(ran.length);
    expect(ran.length).toBeGreaterThan(8);
    const duplicates = rig.missed.filter(({ reason }) => reason.code === 'duplicate.clock_step');
    expect(duplicates.length).toBeGreaterThan(0);
    expect(new Set(duplicates.map(({ agent }) => agent))).toEqual(new Set(['daily']));
  });
});

describe('a clock that was wrong at the last boot', () => {
  it('is one step back at the start, and interval schedules go on at once', () => {
    const rig = new SchedulerRig(FLEET, T);
    rig.setClock(72 * HOUR);
    rig.look();
    rig.advance(HOUR);
    rig.reboot();
    rig.setClock(-72 * HOUR);
    rig.advance(MINUTE);
    rig.start();
    rig.advance(10 * MINUTE);
    expect(told(rig)[0]).toBe(72 * 3600);
    expect(told(rig)).toHaveLength(2);
    expect(starts(rig, 'minutely', 10 * MINUTE)).toBe(10);
  });

  it('may read 1970 and be put right', () => {
    const rig = new SchedulerRig(FLEET, T);
    rig.reboot();
    rig.setClock(-T + 40 * SECOND);
    rig.start();
    rig.advance(10 * MINUTE);
    expect(starts(rig, 'minutely', 10 * MINUTE)).toBe(10);
    rig.setClock(T - 40 * SECOND);
    rig.look();
    rig.advance(10 * MINUTE);
    expect(starts(rig, 'minutely', 10 * MINUTE)).toBeLessThanOrEqual(11);
    expect(told(rig)).toHaveLength(2);
    const jumped = rig.missed.filter(
      ({ agent, reason }) => agent === 'minutely' && reason.code === 'missed.clock_step',
    );
    expect(jumped).toHaveLength(1);
    expect(jumped[0]?.count).toBeGreaterThan(56 * 365 * 1440);
  });
});

describe('a daemon that was away', () => {
  it('is told of one stretch per agent, and goes on', () => {
    const rig = new SchedulerRig(FLEET, T);
    rig.stop();
    rig.advance(DAY);
    rig.start();
    expect(rig.facts).toEqual([]);
    const rows = rig.missed.map(({ agent, count, reason }) => `${agent} ${count} ${reason.code}`);
    expect(rows).toEqual([
      'minutely 1439 missed.down',
      'quick 5759 missed.down',
      'hourly 23 missed.down',
      'daily 1 missed.down',
      'catching-up 139 missed.cap',
    ]);
    rig.advance(10 * MINUTE);
    expect(rig.missed).toHaveLength(rows.length);
    expect(starts(rig, 'minutely', 10 * MINUTE)).toBe(10);
  });

  it('whose loop was blocked for 20 s is late once and sees no step', () => {
    const rig = new SchedulerRig(FLEET, T);
    rig.advance(10 * MINUTE);
    rig.advance(20 * SECOND, 'blocked');
    rig.advance(10 * MINUTE);
    expect(rig.facts).toEqual([{ kind: 'scheduler.late', byMs: 5 * SECOND + 1 }]);
    expect(starts(rig, 'quick', 20 * MINUTE + 20 * SECOND)).toBeGreaterThanOrEqual(81);
    expect(rig.missed).toEqual([]);
  });
});
