// A run between two attempts: it counts for overlap, holds no slot and no memory, and waits no longer than queue_timeout.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { OTHER, twoAgents, WORKER } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(agent: string, limit = 10): Promise<void> {
  const memory = 'max_memory_bytes = "700GiB"';
  rig = await DaemonRig.start({
    toml: twoAgents({
      project: `max_concurrent_agents = ${limit}`,
      worker: `retry = { max = 1, backoff = "150s" }\n${memory}\n${agent}`,
      other: memory,
    }),
  });
  rig.script(WORKER, { endsAfterMs: 0, code: 1 });
}

function scheduled(overlap: string): string {
  return `schedule = "* * * * *"\noverlap = "${overlap}"`;
}

/** The worker's first run, between its two attempts. */
async function betweenAttempts(): Promise<Run> {
  const fact = await rig.fact((each) => each.kind === 'run.retrying');
  const run = rig.ledger.runs.get(fact.run as RunId);
  if (run === null) {
    throw new Error('it was there a moment ago');
  }
  return run;
}

function runs(): readonly Run[] {
  return rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 100 }).toReversed();
}

function codes(run: Run | undefined): readonly string[] {
  return run?.outcome?.kind === 'refused' ? run.outcome.reasons.map((reason) => reason.code) : [];
}

describe('a run that waits to be tried again', () => {
  it.each(['at once', 'after the daemon has died'])('makes its agent skip slots (%s)', async (when) => {
    await factory(scheduled('skip'));
    const run = await betweenAttempts();
    if (when !== 'at once') {
      await rig.restart();
    }
    await rig.pass(2 * MINUTE_MS);
    const [row] = rig.ledger.slots.skipped(WORKER as AgentKey, 1);
    expect([row?.reasons[0]?.code, row?.reasons[0]?.numbers, row?.count]).toEqual([
      'overlap.skip',
      { running: 1, limit: 1 },
      2,
    ]);
    expect([runs().map(({ id }) => id), rig.startsOf(WORKER)]).toEqual([[run.id], 1]);
  });

  it('does not stand in its own way', async () => {
    await factory('');
    await rig.ask(WORKER);
    const { notBefore } = await betweenAttempts();
    await rig.until(() => rig.startsOf(WORKER) === 2, 4 * MINUTE_MS);
    expect(rig.clock.now() - notBefore).toBeLessThan(1000);
  });

  it('makes the next slot wait for it (overlap = "queue")', async () => {
    await factory(scheduled('queue'));
    const first = await betweenAttempts();
    const next = await rig.until(() => runs()[1], 2 * MINUTE_MS);
    await rig.until(() => rig.ledger.verdicts.ofRun(next?.id as RunId).length > 0);
    expect(rig.ledger.verdicts.ofRun(next?.id as RunId)[0]?.reasons.map(({ code }) => code)).toEqual(['overlap.queue']);
    await rig.until(() => rig.host.starts.length === 3, 5 * MINUTE_MS);
    const [one, two, three] = rig.host.starts.map(({ spec }) => rig.ledger.attempts.get(spec.attemptId)?.run);
    expect([one, two, three === first.id]).toEqual([first.id, first.id, false]);
  });

  it('makes a person wait', async () => {
    await factory('');
    await rig.ask(WORKER);
    await betweenAttempts();
    const reply = await rig.ask(WORKER);
    expect([reply?.decision, reply?.reasons.map(({ code }) => code)]).toEqual(['waiting', ['overlap.queue']]);
  });

  it('is ended by the next slot (overlap = "replace")', async () => {
    await factory(scheduled('replace'));
    const first = await betweenAttempts();
    rig.script(WORKER, {});
    await rig.until(() => rig.startsOf(WORKER) === 2, 2 * MINUTE_MS);
    expect(rig.ledger.runs.get(first.id)?.outcome).toEqual({
      kind: 'canceled',
      by: 'replaced',
      reason: 'the next slot replaced it',
    });
    expect(rig.host.live().map((id) => id.startsWith(first.id))).toEqual([false]);
  });

  it('holds nobody up with overlap = "allow"', async () => {
    await factory(scheduled('allow'));
    await betweenAttempts();
    await rig.until(() => rig.startsOf(WORKER) === 2, 2 * MINUTE_MS);
    expect(runs()).toHaveLength(2);
  });

  it('holds no slot and no memory', async () => {
    await factory('', 1);
    await rig.ask(WORKER);
    await betweenAttempts();
    expect((await rig.ask(OTHER))?.decision).toBe('admitted');
  });

  it('is refused after queue_timeout, counted from the end of its backoff, and not a moment before', async () => {
    await factory('', 1);
    rig.script(OTHER, {});
    await rig.ask(WORKER);
    const { id, notBefore } = await betweenAttempts();
    await rig.ask(OTHER);
    await rig.pass(notBefore + 60 * MINUTE_MS - 1 - rig.clock.now());
    expect(rig.ledger.runs.get(id)?.state).toBe('waiting');
    await rig.pass(1000);
    const run = rig.ledger.runs.get(id) ?? undefined;
    expect([codes(run), rig.startsOf(WORKER)]).toEqual([['queue_timeout'], 1]);
  });

  it('gives its place free when it is refused: the slot that waited behind it runs', async () => {
    await factory(scheduled('queue'));
    const { id } = await betweenAttempts();
    await rig.until(() => runs().length === 2, 2 * MINUTE_MS);
    rig.script(WORKER, { endsAfterMs: 0 });
    await rig.command(async (control) => control.cancel(id));
    await rig.until(() => rig.startsOf(WORKER) === 2, 2000);
  });
});

const ASKS = 'pre_check = { kind = "shell", script = "true", timeout_secs = 60 }';

describe('two requests that are admitted together (overlap = "replace")', () => {
  const REPLACED = { kind: 'canceled', by: 'replaced', reason: 'the next slot replaced it' };

  async function replacing(agent = '', limit = 10): Promise<void> {
    const worker = `overlap = "replace"\n${agent}`;
    rig = await DaemonRig.start({ toml: twoAgents({ project: `max_concurrent_agents = ${limit}`, worker }) });
    rig.script(WORKER, {});
    rig.script(OTHER, {});
  }

  async function askTwice(): Promise<void> {
    const replies = await rig.command(async (control) =>
      Promise.all(['one', 'two'].map(async (key) => control.run(WORKER, { key }))),
    );
    expect(replies).toHaveLength(2);
  }

  it.each([
    { how: 'without a pre-check', agent: '', asks: false },
    { how: 'with a pre-check', agent: ASKS, asks: true },
  ])('leave one: the last that was asked for ($how)', async ({ agent, asks }) => {
    await replacing(agent);
    await askTwice();
    const [first, second] = runs();
    expect([first?.outcome, second?.outcome, rig.factsOf('run.admitted').length]).toEqual([REPLACED, null, 2]);
    if (asks) {
      await rig.until(() => rig.host.live().length === 1);
      rig.host.exitAll({ code: 0 });
    }
    await rig.until(() => runs()[1]?.state === 'running');
    await rig.pass(MINUTE_MS);
    expect([runs()[1]?.state, rig.host.live()]).toEqual(['running', [`${second?.id}.1`]]);
    expect(rig.ledger.attempts.ofRun(first?.id as RunId)).toEqual([]);
  });

  it('still take the place of a run that goes on', async () => {
    await replacing();
    await rig.ask(WORKER);
    await askTwice();
    await rig.until(() => runs()[2]?.state === 'running' && rig.host.live().length === 1);
    expect(runs().map(({ outcome }) => outcome)).toEqual([REPLACED, REPLACED, null]);
  });

  it('give the place back that the one held which is not started', async () => {
    await replacing('', 2);
    const asked = ['one', 'two'].map((key) => ({ agent: WORKER, key })).concat({ agent: OTHER, key: 'three' });
    await rig.command(async (control) => Promise.all(asked.map(async ({ agent, key }) => control.run(agent, { key }))));
    await rig.until(() => rig.host.live().length === 2, 100);
    expect(rig.startsOf(OTHER)).toBe(1);
  });
});

describe('the last look before the start', () => {
  it.each<{ code: string; change: () => Promise<unknown> }>([
    { code: 'draining', change: async () => rig.daemon.control.drain({ end: false, by: 'ann' }) },
    { code: 'project.paused', change: async () => Promise.resolve(rig.flags.touchByHand('web')) },
    { code: 'factory.paused', change: async () => Promise.resolve(rig.flags.touchByHand('__all__')) },
    {
      code: 'breaker.isolated',
      change: async () => rig.daemon.control.breaker('web', 'isolate', { by: 'ann', reason: 'a test' }),
    },
  ])('refuses what its pre-check let through: $code', async ({ code, change }) => {
    await factory(ASKS);
    rig.script(WORKER, {});
    const asked = await rig.ask(WORKER);
    const id = asked?.run.id as RunId;
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    await change();
    rig.host.exitAll({ code: 0 });
    await rig.until(() => rig.ledger.runs.get(id)?.state === 'ended');
    expect(codes(runs()[0])).toContain(code);
    expect(rig.host.starts.map(({ spec }) => spec.attemptId)).toEqual([`${id}.1p`]);
  });
});
