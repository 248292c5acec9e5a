// A wish to end a run is never forgotten: not between intent and start, not between two attempts, not by a daemon that dies.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const WORKER = 'web/worker';
const BY_OPERATOR = { kind: 'canceled', by: 'operator', reason: 'canceled by an operator' };

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(agent = '', layer = 'Growth'): Promise<void> {
  rig = await DaemonRig.start({
    ledger: 'file',
    toml: `
[[projects]]
id = "web"
working_dir = "/repo"
breaker = { pause_stops_running = true }

[[agents]]
name = "worker"
project = "web"
layer = "${layer}"
cli_tool = "sh"
task = "true"
${agent}
`,
  });
  rig.script(WORKER, {});
}

const RETRIES = 'retry = { max = 2, backoff = "1m" }';
const ASKS_FIRST = 'pre_check = { kind = "shell", script = "true", timeout_secs = 60 }';

async function asked(): Promise<RunId> {
  const reply = await rig.ask(WORKER);
  return reply?.run.id as RunId;
}

/** A run whose start has reached the host and is not carried out. */
async function starting(): Promise<RunId> {
  rig.host.holdStarts();
  const id = await asked();
  await rig.until(() => rig.host.asked.length === 1);
  return id;
}

async function cancel(id: RunId): Promise<void> {
  await rig.command(async (control) => control.cancel(id));
}

async function ended(id: RunId): Promise<Run | null> {
  return rig.until(() => {
    const run = rig.ledger.runs.get(id);
    return run?.state === 'ended' ? run : null;
  });
}

describe('a wish that falls between intent and start', () => {
  it.each([
    { who: 'an operator cancels', wish: cancel, outcome: BY_OPERATOR },
    {
      who: 'everything is killed',
      wish: async () => rig.daemon.killAll(),
      outcome: { kind: 'canceled', by: 'shutdown', reason: 'the factory was stopped' },
    },
    {
      who: 'a drain has waited long enough',
      wish: async () => rig.daemon.services.stops.stop({ kind: 'drain' }, () => true),
      outcome: { kind: 'canceled', by: 'drain', reason: 'the factory drained' },
    },
    {
      who: 'its project is paused (pause_stops_running)',
      wish: async () => {
        rig.flags.touchByHand('web');
        await rig.pass(1000);
      },
      outcome: { kind: 'canceled', by: 'paused', reason: 'the project was paused (pause_stops_running)' },
    },
  ])('ends it as soon as it has started: $who', async ({ wish, outcome }) => {
    await factory();
    const id = await starting();
    await wish(id);
    expect(rig.ledger.runs.get(id)?.state).toBe('starting');
    rig.flags.removeByHand('web');
    rig.host.releaseStarts();
    expect((await ended(id))?.outcome).toEqual(outcome);
    expect([rig.host.live(), rig.startsOf(WORKER)]).toEqual([[], 1]);
  });

  it('ends it when the daemon died meanwhile and the host carried the start out', async () => {
    await factory();
    const id = await starting();
    await cancel(id);
    rig.killWhen((moment) => moment === 'transaction');
    rig.host.releaseStarts();
    await rig.until(() => rig.isDead);
    expect(rig.host.live()).toHaveLength(1);
    await rig.restart();
    expect([(await ended(id))?.outcome, rig.host.live()]).toEqual([BY_OPERATOR, []]);
  });

  it('ends it when the daemon died meanwhile and the host did not', async () => {
    await factory();
    const id = await starting();
    await cancel(id);
    rig.kill();
    rig.host.die();
    await rig.restart();
    expect([(await ended(id))?.outcome, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 0]);
  });

  it('ends it when nothing was started after all', async () => {
    await factory('retry = { max = 5, backoff = "1s" }');
    const id = await starting();
    await cancel(id);
    rig.host.die();
    expect([(await ended(id))?.outcome, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 0]);
  });
});

describe('a wish that comes too late for the process', () => {
  it('leaves the outcome as it was', async () => {
    await factory();
    const id = await asked();
    await rig.until(() => rig.ledger.runs.get(id)?.state === 'running');
    rig.host.exitAll({ code: 7 });
    await cancel(id);
    expect((await ended(id))?.outcome).toMatchObject({ kind: 'failed', class: 'agent_failure' });
  });

  it('but ends a run that would have been tried again', async () => {
    await factory(RETRIES);
    const id = await asked();
    await rig.until(() => rig.ledger.runs.get(id)?.state === 'running');
    rig.host.exitAll({ code: 7 });
    await cancel(id);
    const run = await ended(id);
    expect([run?.outcome, run?.exit?.code, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 7, 1]);
  });

  it('and one whose pre-check has just said go', async () => {
    await factory(ASKS_FIRST);
    const id = await asked();
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    rig.host.exitAll({ code: 0 });
    await cancel(id);
    expect([(await ended(id))?.outcome, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 1]);
  });
});

describe('a wish about a run without a process', () => {
  it('ends it between pre-check and start', async () => {
    await factory(ASKS_FIRST);
    const id = await asked();
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    rig.whileLooking = async () => {
      rig.whileLooking = async () => Promise.resolve();
      await rig.daemon.control.cancel(id);
    };
    rig.host.exitAll({ code: 0 });
    expect([(await ended(id))?.outcome, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 1]);
    await rig.pass(5000);
    expect([rig.startsOf(WORKER), rig.factsOf('run.ended').length]).toEqual([1, 1]);
  });

  it('ends it while it waits to be tried again', async () => {
    await factory(RETRIES);
    rig.script(WORKER, { endsAfterMs: 0, code: 1 });
    const id = await asked();
    await rig.fact((fact) => fact.kind === 'run.retrying');
    await cancel(id);
    await rig.pass(10 * 60_000);
    expect([rig.ledger.runs.get(id)?.outcome, rig.startsOf(WORKER)]).toEqual([BY_OPERATOR, 1]);
  });

  it('ends it while it waits for a slot, and its slot says so', async () => {
    await factory('schedule = "* * * * *"\noverlap = "queue"', 'Core');
    await asked();
    const waiting = await rig.until(() => rig.ledger.runs.waiting()[0] ?? null);
    await cancel(waiting?.id as RunId);
    const [row] = rig.ledger.slots.ofAgent(WORKER as AgentKey, 1);
    expect([rig.ledger.runs.get(waiting?.id as RunId)?.outcome, row?.verdict]).toEqual([BY_OPERATOR, 'canceled']);
  });
});

describe('a daemon that stops', () => {
  it('launches nothing that a pre-check says go to meanwhile; the next one asks again', async () => {
    await factory(ASKS_FIRST);
    const id = await asked();
    await rig.until(() => rig.ledger.attempts.ofRun(id)[0]?.state === 'running');
    const stopping = rig.command(async () => rig.daemon.stop({ kind: 'drain', timeoutMs: 60_000 }));
    await rig.until(() => rig.host.live().length === 1);
    rig.host.exitAll({ code: 0 });
    await stopping;
    expect(rig.host.starts).toHaveLength(1);
    rig.script(WORKER, { endsAfterMs: 0 });
    await rig.restart();
    expect((await ended(id))?.outcome?.kind).toBe('succeeded');
    expect(rig.host.starts.map(({ spec }) => spec.attemptId)).toEqual([`${id}.1p`, `${id}.1p2`, `${id}.1`]);
  });
});
