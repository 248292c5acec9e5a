// Gates that open and shut while the factory runs: nothing starts behind them, and what they said is kept.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, AttemptId, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import type { Enforcement } from '../../src/ports/execution-host.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { OTHER, twoAgents, WORKER } from '../support/two-agents.ts';
import type { TwoAgents } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function start(worker = '', over: Omit<TwoAgents, 'worker' | 'other'> = {}): Promise<void> {
  rig = await DaemonRig.start({ toml: twoAgents({ ...over, worker, other: 'events = ["push"]' }) });
}

/** What was decided about a run, row by row, with the first reason's code. */
function verdicts(id: RunId): readonly string[] {
  return rig.ledger.verdicts
    .ofRun(id)
    .map((row) => `${row.decision} ${row.reasons.map((each) => each.code).join(' ')}`);
}

async function asked(): Promise<RunId> {
  const reply = await rig.ask(WORKER);
  return reply?.run.id as RunId;
}

async function ended(id: RunId): Promise<Run | null> {
  return rig.until(() => {
    const run = rig.ledger.runs.get(id);
    return run?.state === 'ended' ? run : null;
  });
}

describe('enforcement.lost', () => {
  it('holds who demands the kernel while the host cannot say what it holds, and lets go when it can', async () => {
    await start('enforcement = "kernel"');
    const held = rig.host.held;
    rig.host.enforcement = async () => Promise.reject(new Error('the host does not answer'));
    const id = await asked();
    expect([verdicts(id), rig.host.asked]).toEqual([['deferred enforcement.lost'], []]);
    rig.host.enforcement = async () => Promise.resolve({ ...held, memory: 'kernel', cpu: 'kernel', pids: 'kernel' });
    expect([(await ended(id))?.outcome?.kind, rig.startsOf(WORKER)]).toEqual(['succeeded', 1]);
  });

  it('holds who was let through before: not to know it at the last look is no refusal', async () => {
    await start('enforcement = "kernel"\npre_check = { kind = "shell", script = "true", timeout_secs = 60 }');
    rig.script(WORKER, {});
    const held: Enforcement = { ...rig.host.held, memory: 'kernel', cpu: 'kernel', pids: 'kernel' };
    const knows = async (): Promise<Enforcement> => Promise.resolve(held);
    rig.host.enforcement = knows;
    const id = await asked();
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    rig.host.enforcement = async () => Promise.reject(new Error('the host does not answer'));
    rig.host.exitAll({ code: 0 });
    await rig.until(() => verdicts(id).includes('deferred enforcement.lost'));
    expect(rig.ledger.runs.get(id)).toMatchObject({ state: 'waiting', outcome: null, attempts: 0 });

    rig.host.enforcement = knows;
    rig.breaks(WORKER, false);
    expect((await ended(id))?.outcome?.kind).toBe('succeeded');
    expect(rig.host.starts.map(({ spec }) => spec.attemptId)).toEqual([`${id}.1p`, expect.any(String), `${id}.1`]);
  });

  it('leaves everybody else alone', async () => {
    await start();
    rig.host.enforcement = async () => Promise.reject(new Error('the host does not answer'));
    expect((await ended(await asked()))?.outcome?.kind).toBe('succeeded');
  });
});

describe('how limits are held', () => {
  it('is told of a run as it was at its start, whatever is given or taken away later', async () => {
    await start();
    rig.script(WORKER, { endsAfterMs: MINUTE_MS });
    const held = rig.host.held;
    const id = await asked();
    await rig.until(() => rig.ledger.runs.get(id)?.state === 'running');
    rig.host.held = { ...held, memory: 'none', pids: 'kernel' };
    expect((await ended(id))?.enforcement).toEqual(held);
  });
});

describe('what the kernel counted', () => {
  it('is kept of each attempt, as the proof of how it ended', async () => {
    await start();
    const kernel = { oomKills: 3, ownLimitHits: 1, sharedLimitHits: 0, pidsRefused: 0, atLimit: 120, throttledMs: 5 };
    rig.script(WORKER, {});
    const id = await asked();
    const [attempt] = (await rig.until(() => (rig.host.live().length > 0 ? rig.host.live() : null))) ?? [];
    expect(rig.ledger.attempts.ofRun(id)[0]?.kernel).toBeNull();
    rig.host.exit(attempt as AttemptId, { code: null, signal: 'SIGKILL', kernel });
    await ended(id);
    expect(await rig.daemon.control.show(id)).toMatchObject({ attempts: [{ kernel, outcome: { class: 'oom' } }] });
  });
});

describe('breaker.probing', () => {
  it('holds everybody but the probe until the probe has ended well', async () => {
    await start('', { project: 'breaker = { threshold = 1, agents = ["worker"], probe_first = true }' });
    rig.breaks(WORKER);
    await ended(await asked());
    await rig.until(() => rig.flags.stat('web').kind === 'present');
    rig.script(WORKER, {});
    rig.flags.removeByHand('web');
    await rig.until(() => rig.host.live().length === 1);
    const reply = await rig.ask(OTHER);
    const id = reply?.run.id as RunId;
    expect([reply?.decision, verdicts(id), rig.startsOf(OTHER)]).toEqual(['waiting', ['deferred breaker.probing'], 0]);
    rig.host.exitAll();
    await ended(id);
    expect(rig.startsOf(OTHER)).toBe(1);
  });
});

describe('quarantine', () => {
  it('holds an agent after five failures of its own, until it is released', async () => {
    await start();
    rig.breaks(WORKER);
    for (let failures = 0; failures < 5; failures += 1) {
      await ended(await asked());
    }
    const id = await asked();
    expect([verdicts(id), rig.startsOf(WORKER)]).toEqual([['deferred quarantine'], 5]);
    await rig.pass(10 * MINUTE_MS);
    expect([verdicts(id), rig.startsOf(WORKER)]).toEqual([['deferred quarantine'], 5]);
    rig.breaks(WORKER, false);
    await rig.command(async (control) => control.release(WORKER));
    expect([(await ended(id))?.outcome?.kind, rig.startsOf(WORKER)]).toEqual(['succeeded', 6]);
  });
});

describe('a pre-check', () => {
  const SLOT = 'schedule = "* * * * *"\npre_check = { kind = "shell", script = "true", timeout_secs = 30 }';

  it.each([
    { code: 1, outcome: { kind: 'refused', reasons: [{ code: 'precheck.nothing_to_do' }] } },
    { code: 2, outcome: { kind: 'failed', class: 'precheck', reason: 'the pre-check ended with 2: ' } },
    { code: 127, outcome: { kind: 'failed', class: 'precheck' } },
  ])('that ends with $code starts nothing', async ({ code, outcome }) => {
    await start(SLOT);
    rig.script(WORKER, { endsAfterMs: 0, code });
    const run = await rig.until(
      () => rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 1 })[0] ?? null,
      MINUTE_MS,
    );
    expect((await ended(run?.id as RunId))?.outcome).toMatchObject(outcome);
    expect(rig.host.starts.map(({ spec }) => spec.attemptId)).toEqual([`${run?.id}.1p`]);
    expect(rig.ledger.slots.ofAgent(WORKER as AgentKey, 9).map((row) => row.verdict)).toEqual(['admitted']);
  });

  it('that is still busy after its time is stopped, and is broken', async () => {
    await start(SLOT);
    rig.script(WORKER, {});
    const run = await rig.until(
      () => rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 1 })[0] ?? null,
      MINUTE_MS,
    );
    expect((await ended(run?.id as RunId))?.outcome).toMatchObject({ kind: 'failed', class: 'precheck' });
    expect(rig.startsOf(WORKER)).toBe(1);
  });

  it('that has nothing to do is kept as the verdict', async () => {
    await start(SLOT);
    rig.script(WORKER, { endsAfterMs: 0, code: 1 });
    const id = await asked();
    await ended(id);
    expect(verdicts(id).at(-1)).toBe('refused precheck.nothing_to_do');
  });
});

describe('a request that was made before', () => {
  it('with the same key is the first one: it starts nothing, and answers what became of it', async () => {
    await start();
    const ask = async () => rig.command(async (control) => control.run(WORKER, { key: 'mine' }));
    const first = await ask();
    await rig.until(() => rig.ledger.runs.live().length === 0 && rig.ledger.runs.waiting().length === 0);
    const again = await ask();
    const ids = [first, again].map((reply) => (reply !== null && 'run' in reply ? reply.run.id : null));
    expect([ids[0] === ids[1], rig.startsOf(WORKER), rig.factsOf('run.requested').length]).toEqual([true, 1, 1]);
  });

  it('a fixed slot that ran before the clock was set back is not run again: duplicate.clock_step', async () => {
    await start('schedule = "31 10 * * *"');
    await rig.until(() => rig.startsOf(WORKER) === 1, MINUTE_MS);
    await rig.pass(MINUTE_MS);
    rig.clock.offsetMs -= 10 * MINUTE_MS;
    await rig.pass(15 * MINUTE_MS);
    const rows = rig.ledger.slots.ofAgent(WORKER as AgentKey, 9);
    expect(rows.map((row) => [row.epoch, row.verdict, row.reasons[0]?.code])).toEqual([
      [1, 'missed', 'duplicate.clock_step'],
      [0, 'admitted', undefined],
    ]);
    expect(rig.startsOf(WORKER)).toBe(1);
  });
});

describe('agent.removed', () => {
  it('refuses what still waits for an agent that is gone', async () => {
    await start('max_memory_bytes = "900GiB"');
    const id = await asked();
    expect(rig.ledger.runs.get(id)?.state).toBe('waiting');
    await rig.reload(twoAgents({}).replaceAll('worker', 'stranger'));
    const run = await ended(id);
    expect([run?.outcome, verdicts(id).at(-1), rig.host.asked]).toEqual([
      expect.objectContaining({ kind: 'refused', reasons: [expect.objectContaining({ code: 'agent.removed' })] }),
      'refused agent.removed',
      [],
    ]);
  });

  it('ends what its pre-check was about to let through', async () => {
    await start('pre_check = { kind = "shell", script = "true", timeout_secs = 30 }');
    rig.script(WORKER, {});
    const id = await asked();
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    await rig.reload(twoAgents({}).replaceAll('worker', 'stranger'));
    rig.host.exitAll({ code: 0 });
    expect((await ended(id))?.outcome).toMatchObject({ kind: 'canceled', by: 'removed' });
    expect(rig.host.starts).toHaveLength(1);
  });
});

describe('an event', () => {
  it('is answered agent by agent: whose queue is full is named, and asked for nothing', async () => {
    await start('events = ["push"]', { factory: 'max_concurrent_agents = 1\nmax_waiting = 1' });
    rig.script(OTHER, {});
    await rig.ask(OTHER);
    await rig.ask(OTHER);
    const emit = async () => rig.command(async (control) => control.emit('push', { key: 'k1' }));
    const replies = await emit();
    expect(replies?.map((reply) => [reply.run === null ? reply.agent : reply.run.agent, reply.decision])).toEqual([
      [WORKER, 'waiting'],
      [OTHER, 'refused'],
    ]);
    const refused = replies?.find((reply) => reply.run === null);
    expect(refused?.reasons).toMatchObject([{ code: 'queue_full', numbers: { waiting: 1, limit: 1 } }]);
    rig.script(OTHER, { endsAfterMs: 0 });
    rig.host.exitAll();
    await rig.until(() => rig.ledger.runs.waiting().length === 0);
    const again = await emit();
    expect(again?.map((reply) => reply.run?.agent)).toEqual([WORKER, OTHER]);
    await rig.until(() => rig.startsOf(OTHER) === 3);
    expect(rig.startsOf(WORKER)).toBe(1);
  });
});
