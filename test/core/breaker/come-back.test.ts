import { describe, expect, it } from 'vitest';
import { breakerStand, breakerWakeAt } from '../../../src/core/breaker/breaker.ts';
import { agentKey } from '../../../src/core/ids.ts';
import { BreakerWorld, META, OTHER_META, SANDBOX } from '../../support/breaker-world.ts';

const MINUTE = 60_000;
const LOOK = {
  kind: 'probe_due',
  paused: false,
  countedRunning: false,
  nextCountedAt: null,
  candidates: [META],
} as const;

describe('probes', () => {
  const lifted = (rule = {}) => new BreakerWorld(rule).open().tell({ kind: 'pause_lifted', by: 'a person' });

  it('starts the agent that tripped, at once, when no counted run is due', () => {
    const world = lifted();
    expect(breakerWakeAt(world.state, world.rule)).toBe(world.now);
    world.tell({ ...LOOK, candidates: [OTHER_META, META] });
    expect(world.effects).toEqual([{ kind: 'start_probe', incident: 'i3', number: 1, agent: META, at: world.now }]);
    expect(breakerWakeAt(world.state, world.rule)).toBeNull();
  });

  it('starts the first by name when the one that tripped is gone', () => {
    const b = agentKey(SANDBOX, 'project-meta-b');
    expect(lifted().tell({ ...LOOK, candidates: [b, OTHER_META] }).effects).toMatchObject([{ agent: OTHER_META }]);
  });

  it.each([
    [10 * MINUTE, 0],
    [10 * MINUTE + 1, 1],
  ])('waits for a counted run due in %i ms: %i probes now', (dueIn, probes) => {
    const world = lifted();
    world.tell({ ...LOOK, nextCountedAt: world.now + dueIn });
    expect(world.effects).toHaveLength(probes);
  });

  it('waits for such a run only once', () => {
    const world = lifted();
    world.tell({ ...LOOK, nextCountedAt: world.now + MINUTE });
    world.now += 10 * MINUTE;
    expect(world.tell({ ...LOOK, nextCountedAt: world.now + MINUTE }).kinds()).toEqual(['start_probe']);
  });

  it('starts none while a flag holds the project or a counted run is under way', () => {
    const world = lifted();
    expect(world.tell({ ...LOOK, paused: true }).effects).toEqual([]);
    expect(world.tell({ ...LOOK, countedRunning: true }).effects).toEqual([]);
    expect(breakerWakeAt(world.state, world.rule)).toBe(world.now + 10 * MINUTE);
  });

  it('starts at the first look after the flag that held it is gone', () => {
    const world = lifted().tell({ ...LOOK, paused: true });
    world.now += 1;
    expect(world.tell(LOOK).kinds()).toEqual(['start_probe']);
  });

  it('never has two out', () => {
    const world = lifted().tell(LOOK);
    world.now += 24 * 60 * MINUTE;
    expect(world.tell(LOOK).effects).toEqual([]);
  });

  it('asks again after 10, 20, 40 and then every 60 minutes when endings do not count', () => {
    const world = lifted().tell(LOOK);
    const waits: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      const ended = world.now;
      world.tell({ kind: 'probe_ended', incident: 'i3', number });
      world.now = breakerWakeAt(world.state, world.rule)!;
      waits.push((world.now - ended) / MINUTE);
      expect(world.tell(LOOK).kinds()).toEqual(['start_probe']);
    }
    expect(waits).toEqual([10, 20, 40, 60, 60]);
  });

  it('ignores the end of a probe that is not out', () => {
    const world = lifted().tell(LOOK);
    expect(world.tell({ kind: 'probe_ended', incident: 'i2', number: 1 }).state).toMatchObject({
      probe: { kind: 'out' },
    });
    expect(world.tell({ kind: 'probe_ended', incident: 'i3', number: 2 }).state).toMatchObject({
      probe: { kind: 'out' },
    });
  });

  it('takes a waiting probe back when something else decided', () => {
    expect(lifted().tell(LOOK).succeed(OTHER_META).kinds()).toContain('cancel_probe');
    expect(lifted().tell(LOOK).fail(OTHER_META).kinds()).toContain('cancel_probe');
  });

  it('closes when no counted agent is left, and says so on the issue', () => {
    const world = lifted().tell({ ...LOOK, candidates: [] });
    expect(world.state.kind).toBe('closed');
    expect(world.effects.at(-1)).toMatchObject({ kind: 'close_issue', note: { kind: 'nothing_counts' } });
  });

  it('goes before the rest with probe_first', () => {
    expect(breakerStand(lifted({ probeFirst: true }).state).kind).toBe('probing');
  });

  it('does not wait for a slot that would itself wait for the probe', () => {
    const world = lifted({ probeFirst: true });
    expect(world.tell({ ...LOOK, nextCountedAt: world.now + MINUTE }).kinds()).toEqual(['start_probe']);
  });
});

describe('auto_resume_after', () => {
  const HOUR = 60 * MINUTE;
  const opened = () => new BreakerWorld({ autoResumeAfterMs: HOUR }).open();

  it.each([
    [HOUR - 1, 'open'],
    [HOUR, 'half_open'],
  ])('after %i ms the breaker is %s', (ms, kind) => {
    const world = opened();
    world.now += ms;
    expect(world.tell({ kind: 'auto_resume' }).state.kind).toBe(kind);
  });

  it('removes only our flag, and lets only the probe through', () => {
    const world = opened();
    world.now += HOUR;
    world.tell({ kind: 'auto_resume' });
    expect(world.kinds()).toEqual(['breaker.half_opened', 'comment', 'remove_flag']);
    expect(breakerStand(world.state).kind).toBe('probing');
    world.tell({ kind: 'pause_lifted', by: 'a person' });
    expect(breakerStand(world.state).kind).toBe('probing');
  });

  it("lifts nothing when the flag became a person's meanwhile", () => {
    const world = opened();
    world.now += HOUR;
    world.tell({ kind: 'auto_resume' }).tell({ kind: 'flag_taken_over' });
    expect(world.state).toMatchObject({ lifted: false, mark: { kind: 'person' } });
    expect(world.fail().state.kind).toBe('half_open');
  });

  it('ends the waiting when a person resumes', () => {
    const world = opened();
    world.now += HOUR;
    world.tell({ kind: 'auto_resume' }).tell({ kind: 'resumed', by: 'alice' });
    expect(breakerStand(world.state).kind).toBe('half_open');
  });

  it.each([3 * 24 * HOUR, -HOUR])('is neither hastened nor delayed by a clock step of %i ms', (byMs) => {
    const world = opened();
    const due = breakerWakeAt(world.state, world.rule)! - world.now;
    world.now += byMs;
    world.tell({ kind: 'clock_stepped', byMs });
    expect(breakerWakeAt(world.state, world.rule)! - world.now).toBe(due);
  });
});
