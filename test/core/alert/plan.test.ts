import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { planAlerts, signsOf } from '../../../src/core/alert/plan.ts';
import { LAG_WINDOW_MS, REOPEN_AFTER_MS } from '../../../src/core/alert/settings.ts';
import { ALERT, NOW, agentPicture, breakerPicture, picture } from '../../support/alert-pictures.ts';
import type { Picture } from '../../../src/core/alert/picture.ts';

const GIB = 1024 ** 3;
const nothing = { pending: [], active: [] };

/** `rule: level` of every sign. */
const said = (seen: Partial<Picture>): readonly string[] =>
  signsOf(picture(seen)).map(({ rule, level }) => `${rule}: ${level}`);

const budget = (spent: number) => ({ subject: { kind: 'factory' } as const, spent, limit: 1000, window: 'this month' });
const disk = (freeBytes: number | null) => ({ disk: { freeBytes, floorBytes: GIB } });

describe('the rules, on both sides of each boundary', () => {
  it.each<[string, Partial<Picture>, readonly string[]]>([
    ['all alive', { agents: [agentPicture({ desired: 2, running: 2 })] }, []],
    ['one of two alive', { agents: [agentPicture({ desired: 2, running: 1 })] }, ['agent_down: over']],
    ['more alive than wanted', { agents: [agentPicture({ desired: 1, running: 2 })] }, []],
    ['comes and goes, not here', { agents: [agentPicture({ desired: 0, running: 0 })] }, []],
    ['missing, and held on purpose', { agents: [agentPicture({ desired: 1, excused: 'paused' })] }, []],
    ['quarantined', { agents: [agentPicture({ quarantine: '3 failures in a row' })] }, ['agent_down: over']],
    ['5 restarts', { agents: [agentPicture({ restarts: 5 })] }, ['restart_storm: over']],
    ['4 restarts', { agents: [agentPicture({ restarts: 4 })] }, ['restart_storm: between']],
    ['3 restarts', { agents: [agentPicture({ restarts: 3 })] }, ['restart_storm: between']],
    ['2 restarts', { agents: [agentPicture({ restarts: 2 })] }, []],
    ['5 failures', { agents: [agentPicture({ failures: 5 })] }, ['error_burst: over']],
    ['4 failures', { agents: [agentPicture({ failures: 4 })] }, ['error_burst: between']],
    ['2 failures', { agents: [agentPicture({ failures: 2 })] }, []],
    ['breaker closed', { breakers: [breakerPicture()] }, []],
    ['breaker open', { breakers: [breakerPicture({ state: 'open' })] }, ['breaker_open: over']],
    ['breaker isolated', { breakers: [breakerPicture({ state: 'isolated' })] }, ['breaker_open: over']],
    ['breaker half open', { breakers: [breakerPicture({ state: 'half_open' })] }, ['breaker_open: between']],
    ['flag refused', { breakers: [breakerPicture({ flagError: 'EACCES' })] }, ['flag_unwritable: over']],
    ['80 % of a budget', { budgets: [budget(800)] }, ['budget_near: over']],
    ['79.9 % of a budget', { budgets: [budget(799)] }, ['budget_near: between']],
    ['75 % of a budget', { budgets: [budget(750)] }, ['budget_near: between']],
    ['74.9 % of a budget', { budgets: [budget(749)] }, []],
    ['no budgets', { budgets: [] }, []],
    ['budgets unreadable', { budgets: null }, ['budget_near: unknown']],
    ['just under twice the floor', disk(2 * GIB - 1), ['disk_low: over']],
    ['twice the floor', disk(2 * GIB), ['disk_low: between']],
    ['just under 2.5 times the floor', disk(2.5 * GIB - 1), ['disk_low: between']],
    ['2.5 times the floor', disk(2.5 * GIB), []],
    ['disk unknown', disk(null), ['disk_low: unknown']],
    ['drift of 15 min', { drift: { since: NOW - 900_000, parts: 1, first: 'agent a' } }, ['drift_old: over']],
    ['drift of less', { drift: { since: NOW - 899_999, parts: 1, first: 'agent a' } }, ['drift_old: between']],
    ['no drift', { drift: 'none' }, []],
    ['drift unknown', { drift: null }, ['drift_old: unknown']],
    ['5 s late', { late: [{ at: NOW, byMs: 5000 }] }, ['scheduler_lag: over']],
    ['4.999 s late', { late: [{ at: NOW, byMs: 4999 }] }, ['scheduler_lag: between']],
    ['2.499 s late', { late: [{ at: NOW, byMs: 2499 }] }, []],
    ['late almost 10 min ago', { late: [{ at: NOW - LAG_WINDOW_MS + 1, byMs: 9000 }] }, ['scheduler_lag: over']],
    ['late 10 min ago', { late: [{ at: NOW - LAG_WINDOW_MS, byMs: 9000 }] }, []],
  ])('%s', (_, seen, expected) => {
    expect(said(seen)).toEqual(expected);
  });

  it('nothing running is critical, too few a warning', () => {
    const severity = (running: number): string | undefined =>
      signsOf(picture({ agents: [agentPicture({ desired: 2, running })] }))[0]?.severity;
    expect([severity(0), severity(1)]).toEqual(['critical', 'warning']);
  });

  it.each([
    [
      { parts: 2, first: 'agent a' },
      'agents.toml differs from what is in force in 2 parts, first agent a',
      'adf drift',
    ],
    [
      { parts: 2, first: 'agents.toml:3:1  x', broken: true } as const,
      'agents.toml has 2 errors and is not in force, first agents.toml:3:1  x',
      'adf check',
    ],
  ])('an agents.toml that was not put into force is told by what stands against it', (found, text, command) => {
    expect(signsOf(picture({ drift: { since: 0, ...found } }))).toMatchObject([{ rule: 'drift_old', text, command }]);
  });

  it('says the same while nothing changes, however late it is', () => {
    const seen = { agents: [agentPicture({ desired: 1, failures: 6 })], breakers: [breakerPicture({ state: 'open' })] };
    expect(signsOf(picture({ ...seen, now: NOW + 60_000 }))).toEqual(signsOf(picture(seen)));
  });
});

describe('one alert per rule and subject', () => {
  const down = { agents: [agentPicture({ desired: 1 })] };
  const up = { agents: [agentPicture({ desired: 1, running: 1 })] };
  const about = { rule: 'agent_down', subject: ALERT.subject } as const;

  it('waits for the grace, and opens when it is over, not before', () => {
    expect(planAlerts(picture(down), nothing)).toEqual([{ kind: 'wait', ...about, since: NOW }]);
    const after = (ms: number) =>
      planAlerts(picture({ ...down, now: NOW + ms }), { pending: [{ ...about, since: NOW }], active: [] });
    expect(after(119_999)).toEqual([]);
    expect(after(120_000)).toMatchObject([{ kind: 'forget' }, { kind: 'open', sign: { rule: 'agent_down' } }]);
  });

  it('forgets what was well again within the grace', () => {
    expect(planAlerts(picture(up), { pending: [{ ...about, since: NOW }], active: [] })).toEqual([
      { kind: 'forget', ...about },
    ]);
  });

  it('opens at once where there is no grace', () => {
    const steps = planAlerts(picture({ breakers: [breakerPicture({ state: 'open' })] }), nothing);
    expect(steps).toMatchObject([{ kind: 'open', sign: { rule: 'breaker_open' } }]);
  });

  it('opens nothing twice, and renews the words only when they change', () => {
    const again = (over: Partial<Alert>) => planAlerts(picture(down), { pending: [], active: [{ ...ALERT, ...over }] });
    expect(again({})).toEqual([]);
    expect(again({ state: 'dismissed' })).toEqual([]);
    expect(again({ text: 'older words' })).toMatchObject([{ kind: 'renew', id: 'a1', sign: { text: ALERT.text } }]);
  });

  it('closes what is not seen for its clear time, and goes on with what comes back before', () => {
    const look = (seen: Partial<Picture>, clearSince: number | null, ms = 0) =>
      planAlerts(picture({ ...seen, now: NOW + ms }), { pending: [], active: [{ ...ALERT, clearSince }] });
    expect(look(up, null)).toEqual([{ kind: 'clearing', id: 'a1', since: NOW }]);
    expect(look(up, NOW, 59_999)).toEqual([]);
    expect(look(up, NOW, 60_000)).toEqual([{ kind: 'close', id: 'a1', end: 'over' }]);
    expect(look(down, NOW, 30_000)).toEqual([{ kind: 'clearing', id: 'a1', since: null }]);
    // The clock was set back by an hour.
    expect(look(up, NOW + 3_600_000)).toEqual([{ kind: 'clearing', id: 'a1', since: NOW }]);
  });

  it('closes when the subject is gone', () => {
    expect(planAlerts(picture({ agents: [] }), { pending: [], active: [ALERT] })).toEqual([
      { kind: 'close', id: 'a1', end: 'gone' },
    ]);
    expect(planAlerts(picture({ agents: [] }), { pending: [{ ...about, since: NOW }], active: [] })).toEqual([
      { kind: 'forget', ...about },
    ]);
  });

  it.each<[string, Partial<Alert>, Partial<Picture>]>([
    ['between the limits', { rule: 'error_burst', text: 'x' }, { agents: [agentPicture({ failures: 4 })] }],
    ['a disk that cannot be looked at', { rule: 'disk_low', subject: { kind: 'factory' } }, disk(null)],
    ['budgets that cannot be read', { rule: 'budget_near', subject: ALERT.subject }, { ...up, budgets: null }],
  ])('neither opens nor closes: %s', (_, over, seen) => {
    expect(planAlerts(picture(seen), nothing)).toEqual([]);
    expect(planAlerts(picture(seen), { pending: [], active: [{ ...ALERT, ...over }] })).toEqual([]);
  });

  it('opens again what was resolved by hand only when it still holds after a while', () => {
    const open = { breakers: [breakerPicture({ state: 'open' })] };
    const pending = [{ rule: 'breaker_open', subject: { kind: 'project', name: 'web' as never }, since: NOW }] as const;
    const at = (ms: number) => planAlerts(picture({ ...open, now: NOW + ms }), { pending, active: [] });
    expect(at(-1)).toEqual([]);
    expect(at(0)).toMatchObject([{ kind: 'forget' }, { kind: 'open' }]);
    // The clock was set back: it waits from now on.
    expect(at(-REOPEN_AFTER_MS - 1)).toMatchObject([{ kind: 'wait', since: NOW - REOPEN_AFTER_MS - 1 }]);
  });
});
