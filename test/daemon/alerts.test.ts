// Alerts in the running daemon: opened within one look, one per condition, closed by themselves, and moved by people.

import { afterEach, describe, expect, it } from 'vitest';
import type { DaemonRig } from '../support/daemon-rig.ts';
import { alertFleet, detailOf, listed, look, reset, shown, startAlertRig, trip } from '../support/alert-rig.ts';

let rig: DaemonRig;
const made = new Set<DaemonRig>();
const start = async (...input: Parameters<typeof startAlertRig>): Promise<DaemonRig> => {
  const one = await startAlertRig(...input);
  made.add(one);
  return one;
};
afterEach(async () => {
  await Promise.all([...made].map(async (one) => one.dispose()));
  made.clear();
});

describe('an alert', () => {
  it('is open within one look, and ten looks later it is still the same one', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    expect(await listed(rig)).toMatchObject([
      { id: 'a1', rule: 'breaker_open', subject: 'project web', state: 'open' },
    ]);
    await look(rig, 10);
    expect((await listed(rig, true)).map(({ id }) => id)).toEqual(['a1']);
    expect(rig.factsOf('alert.opened')).toHaveLength(1);
  });

  it('closes by itself when it is over, and the next time is another one', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    await reset(rig);
    await look(rig);
    expect(await listed(rig)).toEqual([]);
    await trip(rig);
    await look(rig);
    expect((await listed(rig, true)).map(({ id, state, end }) => [id, state, end])).toEqual([
      ['a2', 'open', null],
      ['a1', 'closed', 'over'],
    ]);
  });

  it('closes when its subject is gone from agents.toml', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    await rig.reload(alertFleet().replaceAll('web', 'other'));
    await look(rig);
    expect(await listed(rig, true)).toMatchObject([{ id: 'a1', state: 'closed', end: 'gone' }]);
  });

  it('survives a restart, and is not opened again by it', async () => {
    rig = await start(alertFleet(), { ledger: 'file' });
    await trip(rig);
    await look(rig);
    await rig.restart();
    await look(rig, 2);
    expect((await listed(rig, true)).map(({ id }) => id)).toEqual(['a1']);
  });

  it('opens for failures in a row, with the runs that show them', async () => {
    rig = await start(alertFleet('event_only = false\n'));
    rig.breaks('web/steward');
    for (let run = 0; run < 5; run += 1) {
      await rig.run('web/steward');
      await rig.command(async (control) => control.release('web/steward'));
    }
    await look(rig);
    const [alert] = (await listed(rig)).filter(({ rule }) => rule === 'error_burst');
    expect(alert?.runs).toHaveLength(5);
    expect(alert?.text).toMatch(/^web\/steward failed 5 times within the last hour; the last, r\w+: agent_failure$/);
  });

  it('is found by nobody while [alerts] enabled is false', async () => {
    rig = await start(`${alertFleet()}\n[alerts]\nenabled = false\n`);
    await trip(rig);
    await look(rig, 3);
    expect(await listed(rig, true)).toEqual([]);
  });
});

describe('a person', () => {
  const move = async (verb: 'ack' | 'dismiss' | 'resolve', id = 'a1') =>
    rig.command(async (control) => control.alertMove(id, verb, { by: 'alex', reason: 'known' }));

  it('acknowledges an alert, which stays open and closes by itself', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    expect(detailOf(await move('ack')).alert).toMatchObject({ state: 'acked', by: 'alex', reason: 'known' });
    expect(detailOf(await move('ack')).alert.state).toBe('acked');
    expect(rig.factsOf('alert.acked')).toHaveLength(1);
    await look(rig, 2);
    expect((await shown(rig)).alert.state).toBe('acked');
    await reset(rig);
    await look(rig);
    expect((await shown(rig)).alert).toMatchObject({ state: 'closed', end: 'over', by: 'alex' });
  });

  it('dismisses an alert, which is not opened again while it lasts', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    await move('dismiss');
    await look(rig, 10);
    expect((await listed(rig, true)).map(({ id, state }) => [id, state])).toEqual([['a1', 'dismissed']]);
  });

  it('resolves an alert; what still holds after ten minutes is a new one, and not before', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    expect(detailOf(await move('resolve')).alert).toMatchObject({ state: 'closed', end: 'resolved' });
    await rig.pass(9 * 60_000);
    expect(await listed(rig)).toEqual([]);
    await rig.pass(61_000);
    expect(await listed(rig)).toMatchObject([{ id: 'a2' }]);
  });

  it('is told what to do about what cannot be done', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    const ask = async (verb: () => Promise<unknown>): Promise<unknown> => {
      const answer = await rig.command(verb);
      return (answer as { refused?: { code: string } } | null)?.refused?.code;
    };
    const { control } = rig.daemon;
    const by = 'alex';
    expect(await ask(async () => control.alert('a9'))).toBe('alert.unknown');
    expect(await ask(async () => control.alert('1; DROP TABLE alerts'))).toBe('alert.unknown');
    expect(await ask(async () => control.alertReply('a1', { by, text: 'why?' }))).toBe('ai.none');
    expect(await ask(async () => control.alertFix('a1', { by, suggestion: 0 }))).toBe('suggestion.unknown');
    await move('resolve');
    expect(await ask(async () => control.alertMove('a1', 'ack', { by, reason: '' }))).toBe('alert.closed');
    expect(detailOf(await move('resolve')).alert.state).toBe('closed');
  });

  it('sees open alerts in status, with the next command', async () => {
    rig = await start(alertFleet());
    await trip(rig);
    await look(rig);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention).toContainEqual({
      text: expect.stringMatching(/^1 alert open, the newest: project web is paused by its breaker/) as string,
      command: 'adf alerts',
    });
  });
});
