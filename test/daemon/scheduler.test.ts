import { afterEach, describe, expect, it } from 'vitest';
import { zoneTable } from '../../src/adapters/clock/zone-table.ts';
import type { AgentKey } from '../../src/core/ids.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { slotsIn } from '../../src/core/trigger/schedule.ts';
import { UTC } from '../../src/core/trigger/zone.ts';
import { Feed } from '../../src/daemon/feed.ts';
import { FleetInForce } from '../../src/daemon/house.ts';
import { Intake } from '../../src/daemon/intake.ts';
import { Recorder } from '../../src/daemon/recorder.ts';
import { Scheduler } from '../../src/daemon/scheduler.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testLedger } from '../support/ledger.ts';
import { fleetOf } from '../support/load-config.ts';
import { cron } from '../support/schedules.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const T = Date.parse('2026-11-21T10:00:07Z');

const opened: Ledger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) {
    ledger.close();
  }
});

interface Bench {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  readonly facts: RecordedFact[];
  readonly failures: unknown[];
  /** How often the dispatcher would have been woken. */
  wakes: number;
  /** The disk: full while true. */
  isFull: boolean;
  readonly fleet: FleetInForce;
  start(): Scheduler;
}

function bench(toml: string): Bench {
  const clock = new FakeClock(T);
  const real = testLedger();
  opened.push(real);
  const on: Bench = {
    clock,
    facts: [],
    failures: [],
    wakes: 0,
    isFull: false,
    fleet: new FleetInForce(fleetOf(toml)),
    ledger: {
      ...real,
      transact: (work) => {
        if (on.isFull) {
          throw new OperationalError('storage', 'the disk is full');
        }
        return real.transact(work);
      },
    },
    start: () => {
      const feed = new Feed();
      feed.subscribe((fact) => on.facts.push(fact));
      const house = { clock, ledger: on.ledger, fleet: on.fleet, zones: zoneTable(), feed, boot: BOOT };
      const scheduler = new Scheduler(house, {
        recorder: new Recorder(house),
        intake: new Intake(house),
        wake: () => {
          on.wakes += 1;
        },
        passed: () => undefined,
        fail: (error) => on.failures.push(error),
      });
      scheduler.start();
      return scheduler;
    },
  };
  return on;
}

const BOOT = { bootId: 'boot-a', pid: 1, version: '0.0.0-test' };

const MINUTELY = agent('minutely', 'schedule = "* * * * *"');

function agent(name: string, keys: string): string {
  return `[[agents]]\nname = "${name}"\nlayer = "Core"\ncli_tool = "true"\n${keys}\n`;
}

/** The instants that rows of `name` cover, oldest first; a row that covers another number than it counts is an error. */
function covered(on: Bench, name: string, text: string): readonly number[] {
  return on.ledger.slots
    .ofAgent(name as AgentKey, 100_000)
    .toReversed()
    .flatMap(({ from, to, count }) => {
      const slots = slotsIn(cron(text), UTC, { afterMs: from - 1, untilMs: to, cap: 100_000 });
      expect(slots).toHaveLength(count);
      return slots;
    });
}

function due(text: string, afterMs: number, untilMs: number): readonly number[] {
  return slotsIn(cron(text), UTC, { afterMs, untilMs, cap: 100_000 });
}

describe('the scheduler', () => {
  it('asks for each slot once, wakes the dispatcher, and rests in between', () => {
    const on = bench(MINUTELY);
    on.start();
    on.clock.advance(10 * MINUTE);
    expect(covered(on, 'minutely', '* * * * *')).toEqual(due('* * * * *', T, T + 10 * MINUTE));
    expect(on.wakes).toBe(10);
    expect(on.ledger.runs.waiting()).toHaveLength(10);
    expect(on.clock.pending()).toBe(1);
  });

  it('keeps a slot that jitter holds back, though others come due meanwhile', () => {
    const on = bench(MINUTELY + agent('spread', 'schedule = "0 * * * *"\njitter = "10m"'));
    on.start();
    on.clock.advance(5 * HOUR);
    expect(covered(on, 'spread', '0 * * * *')).toEqual(due('0 * * * *', T, T + 5 * HOUR - 10 * MINUTE));
  });

  it('loses no slot to a pass that could not be stored', () => {
    const on = bench(MINUTELY);
    on.start();
    on.clock.advance(50 * SECOND);
    on.isFull = true;
    on.clock.advance(10 * SECOND);
    expect(on.failures).not.toEqual([]);
    on.isFull = false;
    on.clock.advance(2 * SECOND);
    expect(covered(on, 'minutely', '* * * * *')).toEqual(due('* * * * *', T, T + MINUTE));
    on.clock.advance(5 * MINUTE);
    expect(covered(on, 'minutely', '* * * * *')).toEqual(due('* * * * *', T, T + 6 * MINUTE));
  });

  it('covers a time away with one row and goes on', () => {
    const on = bench(MINUTELY);
    on.start().stop();
    on.clock.block(24 * HOUR);
    on.start();
    on.clock.advance(5 * MINUTE);
    expect(covered(on, 'minutely', '* * * * *')).toEqual(due('* * * * *', T, T + 24 * HOUR + 5 * MINUTE));
    expect(on.facts.map(({ kind }) => kind)).toEqual(['slots.missed']);
  });

  it('tells of a loop that was blocked for 20 s once, and of no step', () => {
    const on = bench(MINUTELY);
    on.start();
    on.clock.advance(MINUTE);
    on.clock.block(20 * SECOND);
    on.clock.advance(MINUTE);
    expect(on.facts.map(({ kind }) => kind)).toEqual(['scheduler.late']);
  });

  it('sees a step of the clock within 15 s, once, and neither rushes nor falls silent', () => {
    const on = bench(MINUTELY);
    on.start();
    for (const byMs of [72 * HOUR, -72 * HOUR, -HOUR, -HOUR]) {
      on.clock.set(byMs);
      const wakes = on.wakes;
      on.clock.advance(15 * SECOND);
      expect(on.facts.at(-1)?.kind === 'slots.missed' ? on.facts.at(-2) : on.facts.at(-1)).toMatchObject({
        kind: 'clock.stepped',
        byMs,
      });
      on.clock.advance(10 * MINUTE - 15 * SECOND);
      expect(on.wakes - wakes).toBeGreaterThanOrEqual(10);
      expect(on.wakes - wakes).toBeLessThanOrEqual(12);
    }
    expect(on.facts.filter(({ kind }) => kind === 'clock.stepped')).toHaveLength(4);
  });

  it('gives a changed schedule the slots after the reload, and an unchanged one all of its own', () => {
    const on = bench(MINUTELY + agent('changing', 'schedule = "0 0 * * *"'));
    const scheduler = on.start();
    on.clock.advance(MINUTE);
    on.fleet.replace(fleetOf(MINUTELY + agent('changing', 'schedule = "*/2 * * * *"')));
    scheduler.reload();
    on.clock.advance(9 * MINUTE);
    expect(covered(on, 'changing', '*/2 * * * *')).toEqual(due('*/2 * * * *', T + MINUTE, T + 10 * MINUTE));
    expect(covered(on, 'minutely', '* * * * *')).toEqual(due('* * * * *', T, T + 10 * MINUTE));
  });
});
