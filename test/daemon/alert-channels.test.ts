// Channels: each is told what happens to an alert, in order, and none of them holds up another or the alert itself.

import { afterEach, describe, expect, it } from 'vitest';
import { AI, CHANNELS, alertFleet, listed, look, reset, startAlertRig, trip } from '../support/alert-rig.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';
import { FakeChannel, FakeModel, answered } from '../support/fake-alerting.ts';

let rig: DaemonRig;
let ops: FakeChannel;
let chat: FakeChannel;
const made = new Set<DaemonRig>();
const start = async (toml: string, over: Parameters<typeof startAlertRig>[1] = {}): Promise<void> => {
  rig = await startAlertRig(toml, over);
  made.add(rig);
  ops = new FakeChannel();
  chat = new FakeChannel();
  rig.alerting.channels.set('ops', ops).set('chat', chat);
};
afterEach(async () => {
  await Promise.all([...made].map(async (one) => one.dispose()));
  made.clear();
});
const waiting = (): readonly string[] => rig.ledger.outbox.list().map(({ target, state }) => `${target} ${state}`);

describe('channels', () => {
  it('are told when an alert opens and when it is over, each once', async () => {
    await start(alertFleet(CHANNELS));
    await trip(rig);
    await look(rig, 5);
    await reset(rig);
    await look(rig, 5);
    expect([ops.events, chat.events]).toEqual([
      ['opened a1', 'closed a1'],
      ['opened a1', 'closed a1'],
    ]);
    expect(ops.told[0]).toMatchObject({
      title: '[dark-factory] critical: project web is paused by its breaker: tripped by alex: for a test',
      command: 'adf alerts show a1',
    });
    expect(ops.told[0]?.id).not.toBe(chat.told[0]?.id);
  });

  it('are told the explanation after the alert, with what could be done', async () => {
    await start(alertFleet(`${AI}${CHANNELS}`));
    rig.alerting.model = new FakeModel(
      answered('By hand.', { action: 'resume_project', target: 'web', why: 'a test' }),
    );
    await trip(rig);
    await look(rig);
    expect(ops.events).toEqual(['opened a1', 'explained a1']);
    expect(ops.told[1]?.text).toBe('By hand.\n1. resume_project web: a test → adf alerts fix a1 1');
  });

  it('that fail or hang delay no other, and are told later', async () => {
    await start(alertFleet(CHANNELS));
    chat.reply = async () => new Promise(() => undefined);
    ops.reply = { kind: 'failed', permanent: false, message: 'it answered 503', retryAt: null };
    await trip(rig);
    await look(rig);
    expect(await listed(rig)).toHaveLength(1);
    expect(chat.events).toEqual(['opened a1']);
    ops.reply = { kind: 'done', note: '200' };
    await rig.pass(10_000);
    expect(ops.events).toEqual(['opened a1', 'opened a1']);
    expect(new Set(ops.told.map(({ id }) => id)).size).toBe(1);
    expect(waiting()).toEqual(['channel chat waiting']);
  });

  it('that refuse are parked until a person changes something', async () => {
    await start(alertFleet(CHANNELS));
    ops.reply = { kind: 'failed', permanent: true, message: 'it answered 404', retryAt: null };
    await trip(rig);
    await look(rig);
    await rig.pass(60_000);
    expect([ops.events.length, waiting()]).toEqual([1, ['channel ops parked']]);
    ops.reply = { kind: 'done', note: '200' };
    ops.stamp = 'a new secret';
    await rig.pass(60_000);
    expect([ops.events.length, waiting()]).toEqual([2, []]);
  });

  it('are told after a restart what could not be told before', async () => {
    await start(alertFleet(CHANNELS), { ledger: 'file' });
    ops.reply = { kind: 'failed', permanent: false, message: 'it answered 503', retryAt: null };
    await trip(rig);
    await look(rig);
    ops.reply = { kind: 'done', note: '200' };
    await rig.restart();
    await rig.pass(60_000);
    expect(waiting()).toEqual([]);
    expect(ops.events.at(-1)).toBe('opened a1');
  });

  it('are not flooded with what is older than a day', async () => {
    await start(alertFleet(CHANNELS));
    ops.reply = { kind: 'failed', permanent: false, message: 'it answered 503', retryAt: null };
    await trip(rig);
    await look(rig);
    ops.reply = { kind: 'done', note: '200' };
    await rig.leap(25 * 3_600_000);
    await rig.pass(60_000);
    expect([ops.events.filter((event) => event === 'opened a1').length, waiting()]).toEqual([1, []]);
  });

  it('that are gone from agents.toml are told nothing more, and hold nothing up', async () => {
    await start(alertFleet(CHANNELS));
    ops.reply = { kind: 'failed', permanent: false, message: 'it answered 503', retryAt: null };
    await trip(rig);
    await look(rig);
    rig.alerting.channels.delete('ops');
    await rig.reload(alertFleet());
    await rig.pass(60_000);
    expect(waiting()).toEqual([]);
  });

  it('are only those that [alerts] names', async () => {
    await start(alertFleet(`${CHANNELS}\n[alerts]\nchannels = ["chat"]\n`));
    await trip(rig);
    await look(rig);
    expect([ops.events, chat.events]).toEqual([[], ['opened a1']]);
  });

  it('hear that an alert was dismissed, and then nothing more of it', async () => {
    await start(alertFleet(CHANNELS));
    await trip(rig);
    await look(rig);
    await rig.command(async (control) => control.alertMove('a1', 'dismiss', { by: 'alex', reason: '' }));
    await reset(rig);
    await look(rig, 3);
    expect(ops.events).toEqual(['opened a1', 'dismissed a1']);
  });

  it('see no secret, wherever it was planted', async () => {
    const secret = 'hunter2-Zq81xy';
    await start(alertFleet(`${AI}${CHANNELS}`), { secrets: [secret] });
    rig.alerting.model = new FakeModel(
      answered(`the key is ${secret}`, { action: 'resume_project', target: 'web', why: `use ${secret}` }),
    );
    await rig.command(async (control) => control.breaker('web', 'trip', { by: 'alex', reason: `leaked ${secret}` }));
    await look(rig);
    expect(ops.events).toEqual(['opened a1', 'explained a1']);
    expect(JSON.stringify(ops.told)).not.toContain(secret);
  });
});

describe('the issue tracker as a channel', () => {
  it('gets one issue per alert, with the explanation as a comment, closed with it', async () => {
    await start(alertFleet(`${AI}\n[[channels]]\nname = "issues"\nkind = "tracker"\n`));
    rig.alerting.model = new FakeModel(answered('By hand. @everyone closes #1'));
    await trip(rig);
    await look(rig, 3);
    await reset(rig);
    await look(rig, 3);
    await rig.quiet();
    const { store } = rig.issues;
    const all = store.list({ project: null, state: null, limit: 10 });
    const issues = all.filter(({ title }) => title.includes('critical:'));
    const bodies = store.comments(issues[0]?.number ?? 0).map(({ body }) => body);
    expect([issues.map(({ state }) => state), bodies.length]).toEqual([['closed'], 2]);
    expect(bodies[0]).toContain('```\nBy hand. @everyone closes #1\n```');
  });
});
