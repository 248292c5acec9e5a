// The alerts document: what is configured, who is asked, what is shown, and what survives.

import { afterEach, describe, expect, it } from 'vitest';
import { chatModel } from '../../src/adapters/llm/chat.ts';
import { memoryPercent } from '../../src/core/alert/context.ts';
import { standingOf } from '../../src/core/alert/picture.ts';
import { contextOf } from '../../src/daemon/alert-context.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { alertingInForce } from '../../src/main/alerting.ts';
import type { Model } from '../../src/ports/model.ts';
import { AI, CHANNELS, alertFleet, detailOf, listed, look, shown, startAlertRig, trip } from '../support/alert-rig.ts';
import { ALERT } from '../support/alert-pictures.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';
import { FakeChannel, FakeModel, answered } from '../support/fake-alerting.ts';
import { fleetOf, warningsOf } from '../support/load-config.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { modelServer } from '../support/model-server.ts';

const made = new Set<DaemonRig>();
let rig: DaemonRig;
const start = async (more = '', over: Parameters<typeof startAlertRig>[1] = {}): Promise<void> => {
  rig = await startAlertRig(alertFleet(more), over);
  made.add(rig);
};
afterEach(async () => {
  await Promise.all([...made].map(async (one) => one.dispose()));
  made.clear();
});

/** Who would be asked with this configuration. */
const engineOf = (toml: string): Model | null => alertingInForce({ now: fleetOf(toml) }, new ManualTimers(0), {}).model;

const context = async (over: Partial<Parameters<typeof contextOf>[1]> = {}) => {
  const { look: eyes, wishes } = rig.daemon.services;
  const parts = { host: 'build1', look: eyes, wishes, isDraining: () => false, secrets: () => [], ...over };
  const alert = { ...ALERT, subject: { kind: 'project' as const, name: 'web' as never } };
  return contextOf(rig.house, parts, alert);
};

describe('alerts: what is configured', () => {
  it('A1 without [ai] there is no engine, and the factory starts all the same, with its alerts (case 12)', async () => {
    expect(engineOf('')).toBeNull();
    await start();
    await trip(rig);
    await look(rig);
    expect(await listed(rig)).toHaveLength(1);
  });

  it('A2 without an endpoint there is no engine (case 13)', () => {
    const toml = '[ai]\nmodel = "m"\n';
    expect(engineOf(toml)).toBeNull();
    expect(warningsOf(toml).join('\n')).toContain('has no endpoint: nothing is explained');
  });

  it('A3 without a model there is no engine', () => {
    const toml = '[ai]\nendpoint = "http://127.0.0.1:9/v1"\n';
    expect(engineOf(toml)).toBeNull();
    expect(warningsOf(toml).join('\n')).toContain('has no model: nothing is explained');
  });

  it('A4 endpoint and model are enough (case 14)', () => {
    expect(engineOf(AI)?.name).toBe('fake-1 (openai-compatible)');
    expect(fleetOf(AI).ai).toMatchObject({ apiKeyFile: null, dailyTokens: 200_000 });
  });

  it('A5 the default configuration has no [ai] (case 15)', () => {
    expect(fleetOf('').ai).toBeNull();
  });

  it('A6 and A22 takes provider, endpoint, model, key, alerts and auto_remediate; the key in a file of its own', () => {
    const fleet = fleetOf(`
[ai]
provider = "ollama"
endpoint = "http://127.0.0.1:11434/v1/"
model = "m"
api_key_file = "/etc/adf/key"
[alerts]
enabled = true
analysis_interval_secs = 60
channels = ["ops"]
[auto_remediate]
agent_down = ["release_agent", "run_agent"]
max_per_day = 2
${CHANNELS}`);
    expect(fleet.ai).toMatchObject({
      provider: 'ollama',
      endpoint: 'http://127.0.0.1:11434/v1',
      model: 'm',
      apiKeyFile: '/etc/adf/key',
    });
    expect(fleet.alerts).toMatchObject({ enabled: true, intervalMs: 60_000, channels: ['ops'] });
    expect(fleet.autoRemediate).toMatchObject({
      allowed: { agent_down: ['release_agent', 'run_agent'], breaker_open: [] },
      maxPerDay: 2,
    });
    expect(() => fleetOf('[ai]\napi_key = "sk-123"\n')).toThrow(/a secret may not stand in this file/);
    // Letting go of a project again is never automatic.
    expect(() => fleetOf('[auto_remediate]\nbreaker_open = ["resume_project"]\n')).toThrow(/must be a list of/);
  });

  it('A7 the backend is any OpenAI-compatible API', async () => {
    const server = await modelServer();
    const place = { endpoint: server.endpoint('text'), model: 'm', provider: 'p', apiKeyFile: null, now: () => 0 };
    const question = { system: 's', messages: [], maxTokens: 10 };
    expect(await chatModel(place).ask(question, new AbortController().signal)).toMatchObject({ kind: 'answered' });
    await server.close();
  });

  it('A8 without [[channels]] nobody is told; with them each is, by name', async () => {
    await start();
    await trip(rig);
    await look(rig);
    expect(rig.ledger.outbox.list().filter(({ target }) => target.startsWith('channel'))).toEqual([]);
    await start(CHANNELS);
    const ops = new FakeChannel();
    rig.alerting.channels.set('ops', ops).set('chat', new FakeChannel());
    await trip(rig);
    await look(rig);
    const told = rig.factsOf('reaction.done').filter(({ target }) => target.startsWith('channel'));
    expect([ops.events, told.map(({ target }) => target).toSorted()]).toEqual([
      ['opened a1'],
      ['channel chat', 'channel ops'],
    ]);
  });
});

describe('alerts: the monitor', () => {
  it('A9 runs without an engine too, but not when [alerts] says so', async () => {
    await start('\n[alerts]\nenabled = false\n');
    await trip(rig);
    await look(rig, 3);
    expect(await listed(rig, true)).toEqual([]);
  });

  it('A10 looks as often as agents.toml says', async () => {
    await start('\n[alerts]\nanalysis_interval_secs = 5\n');
    await trip(rig);
    await rig.pass(4_000);
    expect(await listed(rig)).toEqual([]);
    await rig.pass(1_000);
    expect(await listed(rig)).toHaveLength(1);
  });

  it('A11 one engine serves the monitor and whoever replies, dismisses, resolves or lists', async () => {
    await start(AI);
    const model = new FakeModel(answered('first'), answered('second'));
    rig.alerting.model = model;
    await trip(rig);
    await look(rig);
    const by = 'alex';
    await rig.command(async (control) => control.alertReply('a1', { by, text: 'why?' }));
    await rig.pass(1000);
    expect((await shown(rig)).messages.map(({ text }) => text)).toEqual(['first', 'why?', 'second']);
    const move = async (verb: 'dismiss' | 'resolve') =>
      detailOf(await rig.command(async (control) => control.alertMove('a1', verb, { by, reason: '' })));
    expect((await move('dismiss')).alert.state).toBe('dismissed');
    expect((await move('resolve')).alert.state).toBe('closed');
    expect([await listed(rig), model.questions.length]).toEqual([[], 2]);
  });

  it('A12 and A13 conversations outlive a restart of the daemon and of whoever asks', async () => {
    await start(AI, { ledger: 'file' });
    rig.alerting.model = new FakeModel(answered('because'));
    await trip(rig);
    await look(rig);
    const before = await shown(rig);
    await rig.restart();
    expect([await shown(rig), (await listed(rig)).map(({ id }) => id)]).toEqual([before, ['a1']]);
  });

  it('A21 a look that fails does not end it: the next one comes', async () => {
    await start('\n[alerts]\nanalysis_interval_secs = 5\n');
    const { runs } = rig.ledger;
    const sound = { ...runs };
    Object.assign(runs, {
      troubles: () => {
        Object.assign(runs, sound);
        throw new OperationalError('storage', 'no snapshot today');
      },
    });
    await trip(rig);
    await rig.pass(5_000);
    expect([await listed(rig), rig.warnings]).toEqual([[], ['no snapshot today']]);
    await rig.pass(5_000);
    expect(await listed(rig)).toHaveLength(1);
  });
});

describe('alerts: what the engine is shown', () => {
  it('A14 the factory, its node, agents, events and other alerts', async () => {
    await start(AI);
    await trip(rig);
    await look(rig);
    const seen = await context();
    expect(seen).toMatchObject({
      factory: 'dark-factory',
      nodes: [{ id: 'build1' }],
      services: [{ name: 'web/steward' }],
      runs: [],
    });
    expect(seen.events.at(-1)?.what).toContain('alert.opened');
  });

  it.each([
    [{ desired: 2, running: 0 }, 'stopped'],
    [{ desired: 2, running: 1 }, 'degraded'],
    [{ desired: 2, running: 2 }, 'healthy'],
    [{ desired: 1, running: 2 }, 'degraded'],
    [{ desired: 0, running: 0 }, 'idle'],
    [{ desired: 0, running: 1 }, 'healthy'],
  ])('A15 %j is %s', (agent, standing) => {
    expect(standingOf(agent)).toBe(standing);
  });

  it('A16 and A17 errors of 1 h, restarts of 24 h, the program and its replicas; zeros before anything has run', async () => {
    await start(AI);
    const zero = { errorCount1h: 0, restartCount24h: 0, runtime: 'sh', replicasRunning: 0, replicasDesired: 0 };
    expect((await context()).services).toMatchObject([{ ...zero, status: 'idle' }]);
    rig.breaks('web/steward');
    await rig.run('web/steward');
    expect((await context()).services).toMatchObject([{ ...zero, errorCount1h: 1 }]);
  });

  it('A18 the node is draining or healthy', async () => {
    await start(AI);
    expect((await context()).nodes[0]?.status).toBe('healthy');
    expect((await context({ isDraining: () => true })).nodes[0]?.status).toBe('draining');
  });

  it('A19 processor and memory in percent; 0 when the total is unknown', async () => {
    expect([memoryPercent(1, 4), memoryPercent(1, 0), memoryPercent(null, 4)]).toEqual([25, 0, null]);
    await start(AI);
    expect((await context()).nodes[0]).toMatchObject({ cpuPercent: 50, memoryPercent: 25 });
  });

  it('A20 the end of the log of what failed, and the other alerts that are open', async () => {
    await start(`${AI}\n[alerts]\nerror_burst = 1\n`);
    const model = new FakeModel(answered('x'));
    rig.alerting.model = model;
    rig.script('web/steward', { endsAfterMs: 0, code: 1, output: 'cannot find module left-pad\n' });
    await trip(rig);
    await look(rig);
    await rig.command(async (control) => control.breaker('web', 'reset', { by: 'alex', reason: '' }));
    await rig.run('web/steward');
    await look(rig);
    const evidence = model.questions.at(-1)?.messages[0]?.text ?? '';
    expect(evidence).toContain('cannot find module left-pad');
    expect(evidence).toContain('"activeAlerts"');
  });
});
