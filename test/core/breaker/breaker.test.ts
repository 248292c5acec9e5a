import { describe, expect, it } from 'vitest';
import { breakerStand, breakerWakeAt } from '../../../src/core/breaker/breaker.ts';
import { outboxPlace } from '../../../src/core/breaker/effect.ts';
import { flagEvent, wantsFlag } from '../../../src/core/breaker/flag-change.ts';
import { NEW_BREAKER, readBreaker } from '../../../src/core/breaker/state.ts';
import type { FlagStat } from '../../../src/core/pause/flag.ts';
import { BreakerWorld, FLAG_PATH, META, OTHER_META, SANDBOX, breakerRule } from '../../support/breaker-world.ts';

const MINUTE = 60_000;

describe('opening', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 3],
    [10, 10],
  ])('threshold %i opens with failure %i and not before', (threshold, failures) => {
    const world = new BreakerWorld({ threshold });
    for (let before = 1; before < failures; before += 1) {
      expect(world.fail().state.kind).toBe('closed');
    }
    expect(world.fail().state.kind).toBe('open');
    expect(world.kinds()).toEqual(['breaker.counted', 'breaker.opened', 'write_flag', 'open_issue']);
  });

  it('trips once, however many failures follow', () => {
    const world = new BreakerWorld().open();
    for (let more = 0; more < 5; more += 1) {
      expect(world.fail().kinds()).toEqual(['breaker.counted']);
    }
    expect(world.incident().trips).toBe(1);
    expect(world.state.counter.failures).toBe(8);
  });

  it('begins the row anew after a success', () => {
    const world = new BreakerWorld().fail().fail().succeed().fail().fail();
    expect(world.state.kind).toBe('closed');
    expect(world.fail().state.kind).toBe('open');
  });

  it('counts the failures of all counted agents together', () => {
    expect(new BreakerWorld().fail(META).fail(OTHER_META).fail(META).state.kind).toBe('open');
  });

  it('keeps the runs, classes, last lines and the configuration as evidence', () => {
    const world = new BreakerWorld().open();
    expect(world.incident().evidence.map((failure) => failure.run)).toEqual(['r1', 'r2', 'r3']);
    expect(world.incident()).toMatchObject({
      id: 'i3',
      configHash: 'c0ffee',
      cause: { kind: 'in_a_row', failures: 3, limit: 3, agent: META, class: 'agent_failure' },
    });
    expect(world.incident().evidence[0]?.lastLine).toBe('break-me exists: failing as asked');
  });

  it('keeps the newest ten of many failures', () => {
    const world = new BreakerWorld({ threshold: 12 }).open();
    expect(world.incident().evidence).toHaveLength(10);
    expect(world.incident().evidence.at(-1)?.run).toBe('r12');
  });

  it('opens for failures of one class within the window, successes between them or not', () => {
    const world = new BreakerWorld({ sameClass: { count: 3, windowMs: 60 * MINUTE } });
    world.fail(META, 'oom').succeed().fail(META, 'oom').succeed().fail(META, 'pids');
    expect(world.state.kind).toBe('closed');
    expect(world.fail(META, 'oom').state.kind).toBe('open');
    expect(world.incident().cause).toMatchObject({ kind: 'same_class', class: 'oom', failures: 3, limit: 3 });
  });

  it.each([
    [60 * MINUTE - 1, 'open'],
    [60 * MINUTE, 'closed'],
  ])('counts a failure of the class %i ms ago: %s', (ageMs, kind) => {
    const world = new BreakerWorld({ sameClass: { count: 2, windowMs: 60 * MINUTE } }).fail(META, 'oom').succeed();
    world.now += ageMs;
    expect(world.fail(META, 'oom').state.kind).toBe(kind);
  });

  it('begins the window anew after a trip', () => {
    const world = new BreakerWorld({ sameClass: { count: 2, windowMs: 60 * MINUTE } }).fail().succeed().fail();
    world.writeFlag().tell({ kind: 'pause_lifted', by: 'a person' }).succeed().fail();
    expect(world.state.kind).toBe('closed');
  });

  it('opens by hand, says who and why, and opens an issue', () => {
    const world = new BreakerWorld().tell({ kind: 'trip', by: 'alice', reason: 'migration' });
    expect(world.kinds()).toEqual(['breaker.opened', 'write_flag', 'open_issue']);
    expect(breakerStand(world.state)).toEqual({ kind: 'open', text: 'tripped by alice: migration' });
  });

  it('answers a second trip by hand with nothing', () => {
    const world = new BreakerWorld().open();
    const before = world.state;
    world.tell({ kind: 'trip', by: 'alice', reason: 'again' });
    expect(world.effects).toEqual([]);
    expect(world.state).toEqual(before);
  });
});

describe('while open', () => {
  it('resets the count for a success that began before the trip, notes it, and leaves the flag', () => {
    const world = new BreakerWorld().open().succeed();
    expect(world.state).toMatchObject({ kind: 'open', counter: { failures: 0 }, flag: { kind: 'written' } });
    expect(world.kinds()).toEqual(['breaker.success_noted', 'comment']);
  });

  it('does not take a missing flag for a removal before the outbox has recorded it', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    expect(flagEvent(world.state, { kind: 'absent' })).toBeNull();
    world.tell({ kind: 'pause_lifted', by: 'a person' });
    expect(world.state.kind).toBe('open');
  });

  it('says once that the flag cannot be written, and takes that back when it can', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    const id = world.incident().id;
    world.tell({ kind: 'flag_failed', incident: id, error: 'EACCES' });
    expect(world.kinds()).toEqual(['escalation.opened', 'open_issue']);
    expect(world.tell({ kind: 'flag_failed', incident: id, error: 'ENOSPC' }).effects).toEqual([]);
    expect(world.state).toMatchObject({ kind: 'open', flag: { kind: 'failing', error: 'ENOSPC' } });
    expect(world.writeFlag().kinds()).toEqual(['pause.set', 'escalation.closed', 'close_issue']);
    world.tell({ kind: 'pause_dir_moved' }).tell({ kind: 'flag_failed', incident: id, error: 'EACCES' });
    expect(world.kinds()).toEqual(['escalation.opened', 'reopen_issue', 'comment']);
  });

  it('writes its flag into a pause_dir that moved before it believes that the flag is gone', () => {
    const world = new BreakerWorld().open().tell({ kind: 'pause_dir_moved' });
    expect(world.kinds()).toEqual(['write_flag']);
    expect(flagEvent(world.state, { kind: 'absent' })).toBeNull();
    expect(world.writeFlag().state).toMatchObject({ kind: 'open', flag: { kind: 'written' } });
  });

  it('ignores a late answer about the flag in the folder before', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    const before = world.incident();
    world.tell({ kind: 'pause_dir_moved' });
    world.tell({ kind: 'flag_written', incident: before.id, writes: 1, path: '/old/sandbox', mtimeNs: '1' });
    expect(world.state).toMatchObject({ flag: { kind: 'pending' } });
  });

  it('wants a flag that waits in the outbox only as long as it is open for that trip', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    const write = world.effects.find((effect) => effect.kind === 'write_flag')!;
    expect(wantsFlag(world.state, write)).toBe(true);
    expect(wantsFlag(world.writeFlag().state, write)).toBe(false);
    expect(wantsFlag(world.tell({ kind: 'resumed', by: 'alice' }).state, write)).toBe(false);
    expect(wantsFlag(world.fail().state, write)).toBe(false);
  });

  it('removes a flag that was written in the moment of the resume', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    const { id } = world.incident();
    world.tell({ kind: 'resumed', by: 'alice' });
    world.tell({ kind: 'flag_written', incident: id, writes: 1, path: FLAG_PATH, mtimeNs: '7' });
    expect(world.effects).toEqual([{ kind: 'remove_flag', incident: id, writes: 1, path: FLAG_PATH, mtimeNs: '7' }]);
    const ours: FlagStat = { kind: 'present', path: FLAG_PATH, mtimeNs: '7', text: `incident   ${id}\n` };
    expect(flagEvent(world.state, ours)).toBeNull();
  });
});

describe('a write of the flag that ends late', () => {
  const late = (writes: number) =>
    ({ kind: 'flag_written', incident: 'i1', writes, path: FLAG_PATH, mtimeNs: '7' }) as const;
  const trippedAgain = () => new BreakerWorld({ threshold: 1 }).fail().tell({ kind: 'resumed', by: 'alice' }).fail();

  it('is taken back and followed by another one when the breaker tripped again meanwhile', () => {
    const world = trippedAgain();
    const waiting = world.effects.find((effect) => effect.kind === 'write_flag')!;
    world.tell(late(1));
    expect(world.effects).toMatchObject([
      { kind: 'remove_flag', mtimeNs: '7' },
      { kind: 'write_flag', incident: 'i1', writes: 3 },
    ]);
    expect(wantsFlag(world.state, waiting)).toBe(false);
    expect(world.state).toMatchObject({ kind: 'open', flag: { kind: 'pending' } });
  });

  it('changes nothing when the flag of the newer trip is there', () => {
    expect(trippedAgain().writeFlag().tell(late(1)).effects).toEqual([]);
  });

  it("that found a person's flag says nothing about a newer trip", () => {
    const world = trippedAgain().tell({ kind: 'flag_foreign', incident: 'i1', writes: 1 });
    expect(world.state.kind).toBe('open');
    expect(world.tell({ kind: 'flag_foreign', incident: 'i1', writes: 2 }).state.kind).toBe('half_open');
  });

  it('is kept for the reset when the breaker was isolated meanwhile', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail().tell({ kind: 'isolate', by: 'alice', reason: 'audit' });
    expect(world.tell(late(1)).effects).toEqual([]);
    world.tell({ kind: 'reset', by: 'alice', reason: 'done' });
    expect(world.kinds()).toContain('remove_flag');
  });
});

describe('coming back', () => {
  it('admits everything when the flag is removed, as one fact and one change of state', () => {
    const world = new BreakerWorld().open();
    const event = flagEvent(world.state, { kind: 'absent' });
    expect(event).toEqual({ kind: 'pause_lifted', by: 'a person' });
    world.tell(event!);
    expect(world.kinds()).toEqual(['pause.lifted', 'breaker.half_opened', 'comment']);
    expect(breakerStand(world.state)).toEqual({ kind: 'half_open' });
  });

  it('trips again with the first counted failure, in the same incident and issue', () => {
    const world = new BreakerWorld().open().tell({ kind: 'pause_lifted', by: 'a person' }).fail();
    expect(world.state).toMatchObject({ kind: 'open', incident: { id: 'i3', trips: 2, cause: { kind: 'again' } } });
    expect(world.kinds()).toEqual(['breaker.counted', 'breaker.opened', 'write_flag', 'reopen_issue', 'comment']);
  });

  it('closes, and closes the issue, with the first counted success', () => {
    const world = new BreakerWorld().open().tell({ kind: 'pause_lifted', by: 'a person' }).succeed(OTHER_META);
    expect(world.state.kind).toBe('closed');
    expect(world.kinds()).toEqual(['breaker.closed', 'close_issue']);
  });

  it('opens a new incident after that, which links the last issue', () => {
    const world = new BreakerWorld().open();
    world.tell({ kind: 'issue_opened', incident: world.incident().id, issue: { number: 4, url: null } });
    world.tell({ kind: 'pause_lifted', by: 'a person' }).succeed().fail().fail().fail();
    const opened = world.effects.find((effect) => effect.kind === 'open_issue');
    expect(opened).toMatchObject({ incident: 'i10', note: { previous: { id: 'i3', issue: { number: 4 } } } });
  });

  it('links an issue whose number came after its incident was over', () => {
    const world = new BreakerWorld().open().tell({ kind: 'pause_lifted', by: 'a person' }).succeed();
    world.tell({ kind: 'issue_opened', incident: 'i3', issue: { number: 9, url: null } });
    expect(world.state.last).toEqual({ id: 'i3', issue: { number: 9, url: null } });
  });

  it('stays paused when a person took the flag over, and a failure then trips nothing', () => {
    const world = new BreakerWorld().open();
    const touched: FlagStat = { kind: 'present', path: FLAG_PATH, mtimeNs: '9', text: 'incident   i3\n' };
    expect(flagEvent(world.state, touched)).toEqual({ kind: 'flag_taken_over' });
    world.tell({ kind: 'flag_taken_over' });
    expect(world.kinds()).toEqual(['pause.set', 'breaker.half_opened']);
    expect(world.fail().kinds()).toEqual(['breaker.counted']);
    world.tell({ kind: 'pause_lifted', by: 'a person' });
    expect(world.kinds()).toEqual(['pause.lifted', 'comment']);
    expect(world.fail().state).toMatchObject({ kind: 'open', incident: { trips: 2 } });
  });

  it('takes our own flag, unchanged, for ours', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail().writeFlag('123456789');
    const ours: FlagStat = { kind: 'present', path: FLAG_PATH, mtimeNs: '123456789', text: 'x\nincident   i1\n' };
    expect(flagEvent(world.state, ours)).toBeNull();
    expect(flagEvent(world.state, { ...ours, text: '' })).toEqual({ kind: 'flag_taken_over' });
    expect(flagEvent(world.state, { kind: 'unknown', message: 'gone' })).toBeNull();
  });

  it("records a person's flag on a closed breaker, and its removal", () => {
    const world = new BreakerWorld();
    const flag: FlagStat = { kind: 'present', path: FLAG_PATH, mtimeNs: '1', text: '' };
    world.tell(flagEvent(world.state, flag)!);
    expect(world.kinds()).toEqual(['pause.set']);
    expect(flagEvent(world.state, flag)).toBeNull();
    world.tell(flagEvent(world.state, { kind: 'absent' })!);
    expect(world.kinds()).toEqual(['pause.lifted']);
    expect(flagEvent(world.state, { kind: 'absent' })).toBeNull();
  });

  it('is closed by a reset, which removes our flag and closes the issue', () => {
    const world = new BreakerWorld().open().tell({ kind: 'reset', by: 'alice', reason: 'fixed' });
    expect(world.state).toMatchObject({ kind: 'closed', counter: { failures: 0 }, mark: { kind: 'leaving' } });
    expect(world.kinds()).toEqual(['breaker.closed', 'remove_flag', 'close_issue']);
    expect(world.tell({ kind: 'flag_removed' }).kinds()).toEqual(['pause.lifted']);
    expect(world.state).toMatchObject({ mark: { kind: 'none' } });
  });

  it("leaves a person's flag at a reset", () => {
    const world = new BreakerWorld().open().tell({ kind: 'flag_taken_over' });
    world.tell({ kind: 'reset', by: 'alice', reason: 'fixed' });
    expect(world.kinds()).toEqual(['breaker.closed', 'close_issue']);
    expect(world.state).toMatchObject({ kind: 'closed', mark: { kind: 'person' } });
  });
});

describe('isolated', () => {
  it('holds whatever happens, and only a reset ends it', () => {
    const world = new BreakerWorld().open().tell({ kind: 'isolate', by: 'alice', reason: 'audit' });
    world.succeed().fail().tell({ kind: 'pause_lifted', by: 'bob' }).tell({ kind: 'trip', by: 'bob', reason: 'x' });
    expect(breakerStand(world.state)).toEqual({ kind: 'isolated', text: 'isolated by alice: audit' });
    world.tell({ kind: 'reset', by: 'alice', reason: 'done' });
    expect(world.kinds()).toEqual(['breaker.closed', 'close_issue']);
    expect(world.state.kind).toBe('closed');
  });

  it('opens no issue of its own', () => {
    expect(new BreakerWorld().tell({ kind: 'isolate', by: 'alice', reason: 'audit' }).kinds()).toEqual([
      'breaker.isolated',
    ]);
  });
});

describe('a new rule', () => {
  it('never trips by itself; the next failure meets the new threshold', () => {
    const world = new BreakerWorld().fail().fail();
    world.rule = breakerRule({ threshold: 2 });
    expect(world.tell({ kind: 'rule_changed', counted: [META] }).state.kind).toBe('closed');
    expect(world.fail().state.kind).toBe('open');
  });

  it.each(['open', 'half_open'])('bounds the waits of an %s breaker after the clock was set back unseen', (kind) => {
    const world = new BreakerWorld({ autoResumeAfterMs: 30 * MINUTE }).open();
    if (kind === 'half_open') {
      world.tell({ kind: 'pause_lifted', by: 'a person' });
    }
    world.now -= 24 * 60 * MINUTE;
    world.tell({ kind: 'rule_changed', counted: [META] });
    expect(breakerWakeAt(world.state, world.rule)! - world.now).toBe(kind === 'open' ? 30 * MINUTE : 60 * MINUTE);
  });
});

describe('the outbox', () => {
  it('gives each wish of an incident a key of its own, and the same wish the same key', () => {
    const world = new BreakerWorld({ threshold: 1 });
    const keys = (): (string | undefined)[] =>
      world.effects.map((effect) => outboxPlace(SANDBOX, effect)?.naturalKey).filter((key) => key !== undefined);
    const first = (world.fail(), keys());
    world.writeFlag().tell({ kind: 'pause_lifted', by: 'a person' }).fail();
    const second = keys();
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
    expect(first).toEqual(['flag/sandbox/write/i1/1', 'open_issue/breaker:sandbox/i1/trip-1']);
  });

  it('keeps flag and tracker apart, and facts out', () => {
    const world = new BreakerWorld({ threshold: 1 }).fail();
    expect(world.effects.map((effect) => outboxPlace(SANDBOX, effect)?.target ?? null)).toEqual([
      null,
      null,
      'flag',
      'tracker',
    ]);
  });
});

describe('a stored state', () => {
  it('is a new breaker where nothing was stored', () => {
    expect(readBreaker(null)).toEqual(NEW_BREAKER);
  });

  it.each(['{"version":2,"kind":"closed"}', '{"version":1,"kind":"ajar"}', '[]', '"x"'])('refuses %s', (text) => {
    expect(() => readBreaker(text)).toThrow(expect.objectContaining({ code: 'breaker.unreadable' }));
  });
});
