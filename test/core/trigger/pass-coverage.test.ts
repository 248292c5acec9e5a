import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitterOf } from '../../../src/core/trigger/jitter.ts';
import type { ScheduledAgent } from '../../../src/core/trigger/pass.ts';
import { countSlots, slotsIn } from '../../../src/core/trigger/schedule.ts';
import { scheduledAgent, zones } from '../../support/schedules.ts';
import { SchedulerRig } from '../../support/scheduler-rig.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const CAP = 1_000_000;

/** What can happen to a daemon and its clock. */
type Event =
  | { readonly kind: 'run' | 'block' | 'down'; readonly seconds: number }
  | { readonly kind: 'set'; readonly seconds: number }
  | { readonly kind: 'crash' | 'reboot' };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('run'), seconds: fc.integer({ min: 1, max: 600 }) }),
  fc.record({ kind: fc.constant('block'), seconds: fc.integer({ min: 1, max: 3 * 3600 }) }),
  fc.record({ kind: fc.constant('down'), seconds: fc.integer({ min: 1, max: 4 * 86_400 }) }),
  fc.record({
    kind: fc.constant('set'),
    seconds: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -300_000, max: 300_000 })),
  }),
  fc.constantFrom<Event>({ kind: 'crash' }, { kind: 'reboot' }),
);

/** Days around clock changes, and a plain one. */
const start = fc
  .record({
    day: fc.constantFrom('2026-03-07', '2026-10-31', '2026-04-04', '2026-11-21'),
    seconds: fc.integer({ min: 0, max: 86_400 }),
  })
  .map(({ day, seconds }) => Date.parse(day) + seconds * SECOND);

const agents = fc.array(
  fc.record({
    text: fc.constantFrom(
      '* * * * *',
      '*/20 * * * * *',
      '30 2 * * *',
      '*/7 1-3 * * *',
      '0 0-23/2 * * *',
      '0 1 * * 0',
      '5 * * * 1-5',
    ),
    zone: fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe'),
    policy: fc.constantFrom('skip' as const, 'run_once' as const, 'run_all' as const),
    lateOkSeconds: fc.constantFrom(0, 10, 300, 7200),
    jitterSeconds: fc.constantFrom(0, 0, 45, 1800),
    sinceSeconds: fc.option(fc.integer({ min: -3600, max: 7200 })),
  }),
  { minLength: 1, maxLength: 3 },
);

describe('every slot that comes due', () => {
  it('is covered by exactly one run or stretch of its epoch, however passes, crashes and clocks fall', () => {
    fc.assert(
      fc.property(start, agents, fc.array(event, { minLength: 1, maxLength: 12 }), (startMs, fleet, events) => {
        const rig = new SchedulerRig(
          fleet.map((agent, index) => make(agent, `agent-${index}`, startMs)),
          startMs,
        );
        for (const one of events) {
          happen(rig, one);
        }
        for (const agent of rig.agents) {
          for (let epoch = 0; epoch <= rig.epoch; epoch += 1) {
            expect(told(rig, agent, epoch)).toEqual(due(rig, agent, epoch));
          }
        }
      }),
      { numRuns: 120 },
    );
  });
});

function make(
  drawn: {
    readonly text: string;
    readonly zone: string;
    readonly policy: ScheduledAgent['misfire']['policy'];
    readonly lateOkSeconds: number;
    readonly jitterSeconds: number;
    readonly sinceSeconds: number | null;
  },
  key: string,
  startMs: number,
): ScheduledAgent {
  return scheduledAgent(drawn.text, {
    key,
    zone: zones(drawn.zone),
    misfire: { policy: drawn.policy, lateOkMs: drawn.lateOkSeconds * SECOND },
    jitterMs: drawn.jitterSeconds * SECOND,
    since: drawn.sinceSeconds === null ? null : { atMs: startMs + drawn.sinceSeconds * SECOND, epoch: 0 },
  });
}

function happen(rig: SchedulerRig, event: Event): void {
  switch (event.kind) {
    case 'run':
      rig.advance(event.seconds * SECOND);
      break;
    case 'block':
      rig.advance(event.seconds * SECOND, 'blocked');
      rig.look();
      break;
    case 'down':
      rig.stop();
      rig.advance(event.seconds * SECOND);
      rig.start();
      break;
    case 'set':
      rig.setClock(event.seconds * SECOND);
      break;
    case 'crash':
      rig.stop();
      rig.start();
      break;
    case 'reboot':
      rig.reboot();
      rig.advance(30 * SECOND);
      rig.start();
      break;
  }
}

/** The slots that passes told of, in order; a stretch must hold as many slots as it counts. */
function told(rig: SchedulerRig, agent: ScheduledAgent, epoch: number): readonly number[] {
  const slots = rig.due.filter((slot) => slot.agent === agent.key && slot.epoch === epoch).map(({ at }) => at);
  for (const { from, to, count } of rig.missed.filter((row) => row.agent === agent.key && row.epoch === epoch)) {
    const inside = slotsIn(agent.schedule, agent.zone, { afterMs: from - 1, untilMs: to, cap: CAP });
    expect([inside[0], inside.at(-1), inside.length]).toEqual([from, to, count]);
    slots.push(...inside);
  }
  return slots.toSorted((a, b) => a - b);
}

/** The slots of the time that passes went over in this epoch. */
function due(rig: SchedulerRig, agent: ScheduledAgent, epoch: number): readonly number[] {
  const delay = jitterOf(agent.key, agent.jitterMs);
  const own = agent.since?.epoch === epoch ? agent.since.atMs : -Infinity;
  return rig.covered
    .filter((part) => part.epoch === epoch)
    .flatMap(({ fromMs, toMs }) => {
      const range = { afterMs: Math.max(fromMs - delay, own), untilMs: toMs - delay };
      return slotsIn(agent.schedule, agent.zone, { ...range, cap: CAP });
    });
}

describe('counting', () => {
  it('agrees with listing over any range', () => {
    const range = fc.record({
      start,
      hours: fc.double({ min: 0, max: 300, noNaN: true }),
      text: fc.constantFrom('*/7 1-3 * * *', '30 2 * * *', '5,50 * * * * *', '0 9 13 * 5', '* * L * *'),
      zone: fc.constantFrom('America/New_York', 'Australia/Lord_Howe'),
    });
    fc.assert(
      fc.property(range, ({ start, hours, text, zone }) => {
        const { schedule } = scheduledAgent(text);
        const at = { afterMs: start, untilMs: start + Math.floor(hours * HOUR) };
        expect(countSlots(schedule, zones(zone), at)).toBe(slotsIn(schedule, zones(zone), { ...at, cap: CAP }).length);
      }),
      { numRuns: 200 },
    );
  });
});
