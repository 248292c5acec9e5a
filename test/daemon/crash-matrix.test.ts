// The crash matrix of one dispatch, row by row: the daemon dies at the exact moment, and the next one puts it right.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, AttemptId, RunId } from '../../src/core/ids.ts';
import type { Attempt, Run } from '../../src/core/run/run.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { RigInput } from '../support/daemon-rig.ts';
import { twoAgents, WORKER } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(worker: string, over: Partial<RigInput> = {}): Promise<void> {
  rig = await DaemonRig.start({ ...over, toml: twoAgents({ worker }) });
}

const EVERY_MINUTE = 'schedule = "* * * * *"';
const ASKS_FIRST = 'pre_check = { kind = "shell", script = "true", timeout_secs = 60 }';

/** Every run of the worker, oldest first. */
function runs(): readonly Run[] {
  return rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 100 }).toReversed();
}

function attempts(): readonly Attempt[] {
  return runs().flatMap((run) => rig.ledger.attempts.ofRun(run.id));
}

function outcomes(): readonly (string | undefined)[] {
  return runs().map((run) => run.outcome?.kind);
}

/** Attempts that reached the host's spawn, in order. */
function started(): readonly AttemptId[] {
  return rig.host.starts.map(({ spec }) => spec.attemptId);
}

/** Lets the daemon work until it has died. */
async function dies(): Promise<void> {
  await rig.until(() => rig.isDead);
}

/** The next daemon, until nothing of the worker is open. */
async function nextOne(): Promise<void> {
  await rig.restart();
  await settled();
}

async function settled(): Promise<void> {
  await rig.until(() => runs().every((run) => run.state === 'ended') && rig.ledger.attempts.open().length === 0);
}

async function running(): Promise<RunId> {
  const asked = await rig.ask(WORKER);
  const id = asked?.run.id as RunId;
  await rig.until(() => rig.ledger.runs.get(id)?.state === 'running');
  return id;
}

describe('the crash matrix', () => {
  it('row 1: a slot that was written down and not decided runs once', async () => {
    await factory(EVERY_MINUTE);
    rig.killWhen((moment) => moment === 'committed' && rig.ledger.runs.waiting().length > 0);
    await dies();
    expect(started()).toEqual([]);
    await nextOne();
    expect([outcomes(), started().length]).toEqual([['succeeded'], 1]);
    expect(rig.ledger.slots.ofAgent(WORKER as AgentKey, 9).map((row) => row.verdict)).toEqual(['admitted']);
  });

  it('row 1: the same slot found too late follows the misfire policy', async () => {
    await factory(`${EVERY_MINUTE}\nmisfire = { late_ok = "2m" }`);
    rig.killWhen((moment) => moment === 'committed' && rig.ledger.runs.waiting().length > 0);
    await dies();
    await rig.pass(150_000);
    await rig.restart();
    const rows = await rig.until(() => {
      const found = rig.ledger.slots.ofAgent(WORKER as AgentKey, 9);
      return found.length > 0 && found.every((row) => row.verdict !== 'waiting') ? found : null;
    });
    expect(started().length).toBeLessThanOrEqual(1);
    expect(rows?.map((row) => row.reasons[0]?.code ?? row.verdict)).toContain('superseded');
    expect(rows?.reduce((sum, row) => sum + row.count, 0)).toBe(3);
  });

  it.each([
    { at: 'before the host was asked', moment: 'start' },
    { at: 'after the host was asked', moment: 'start answered' },
  ])('row 2: an intended start happens once when the daemon dies $at', async ({ moment }) => {
    await factory('');
    rig.killWhen((now) => now === moment);
    await rig.ask(WORKER);
    expect([rig.isDead, attempts().map((one) => one.state)]).toEqual([true, ['starting']]);
    await nextOne();
    expect([outcomes(), started().length]).toEqual([['succeeded'], 1]);
  });

  it('row 2: a second order for the same attempt starts nothing', async () => {
    await factory('');
    rig.script(WORKER, {});
    await running();
    const [order] = rig.host.asked;
    const again = order === undefined ? null : await rig.host.start(order);
    expect([again?.kind, started().length]).toEqual(['already_started', 1]);
  });

  it('row 3: what the host started is adopted when "running" was not written', async () => {
    await factory('');
    rig.script(WORKER, {});
    rig.killWhen((moment) => moment === 'transaction' && rig.host.live().length > 0);
    await rig.ask(WORKER);
    await dies();
    expect(attempts().map((one) => [one.state, one.identity])).toEqual([['starting', null]]);
    await rig.restart();
    expect(attempts().map((one) => one.state)).toEqual(['running']);
    expect(rig.factsOf('daemon.started').at(-1)?.held).toBe(1);
    rig.host.exitAll();
    await settled();
    expect([outcomes(), started().length]).toEqual([['succeeded'], 1]);
  });

  it('row 4: what was written as running is adopted', async () => {
    await factory('');
    rig.script(WORKER, {});
    rig.killWhen((moment) => moment === 'committed' && attempts()[0]?.state === 'running');
    await rig.ask(WORKER);
    await dies();
    await rig.restart();
    expect(rig.factsOf('daemon.started').at(-1)?.held).toBe(1);
    rig.host.exitAll({ code: 3 });
    await settled();
    expect([runs()[0]?.exit, started().length]).toEqual([{ code: 3, signal: null }, 1]);
  });

  it.each(['while nobody was there', 'and was told, but not written'])(
    'row 5: an agent that ended %s is recorded once, with the times of the record',
    async (how) => {
      await factory('');
      rig.script(WORKER, {});
      await running();
      if (how === 'while nobody was there') {
        rig.kill();
      } else {
        rig.killWhen((moment) => moment === 'transaction');
      }
      rig.host.exitAll({ code: 4 });
      const endedAt = rig.clock.now();
      await dies();
      expect(runs()[0]?.state).toBe('running');
      await rig.pass(3 * MINUTE_MS);
      await nextOne();
      expect([runs()[0]?.exit?.code, runs()[0]?.endedAt]).toEqual([4, endedAt]);
      expect(rig.factsOf('run.ended')).toHaveLength(1);
    },
  );

  it.each(['the host was not told that it is durable', 'its place in the record was lost'])(
    'row 6: an end that was written is ignored when it is read again, because %s',
    async (why) => {
      await factory('');
      rig.script(WORKER, { endsAfterMs: 1000 });
      rig.killWhen((moment) => moment === 'committed' && runs()[0]?.state === 'ended');
      await rig.ask(WORKER);
      await dies();
      const facts = rig.facts().length;
      if (why === 'its place in the record was lost') {
        rig.ledger.states.remove('cursor', 'fake-1');
      }
      await nextOne();
      expect([outcomes(), started().length, rig.factsOf('attempt.ended').length]).toEqual([['succeeded'], 1, 1]);
      expect(rig.facts(facts).map((fact) => fact.kind)).toEqual(['daemon.started']);
    },
  );

  it('row 11: after a reboot all that ran is lost in one go, and the gap follows the misfire policy', async () => {
    await factory(EVERY_MINUTE);
    rig.script(WORKER, {});
    await rig.until(() => runs()[0]?.state === 'running');
    rig.reboot();
    await rig.pass(30 * MINUTE_MS);
    await rig.restart();
    expect(runs()[0]?.outcome).toMatchObject({ kind: 'lost', cause: 'reboot' });
    const missed = rig.ledger.slots.ofAgent(WORKER as AgentKey, 9).filter((row) => row.verdict === 'missed');
    expect(missed.map((row) => row.reasons[0]?.code)).toEqual(['missed.down']);
    expect(missed[0]?.count).toBeGreaterThan(20);
    const all = rig.ledger.slots.ofAgent(WORKER as AgentKey, 99).reduce((sum, row) => sum + row.count, 0);
    expect(all).toBe(31);
  });

  it('row 13: a run that was claimed and not started waits again', async () => {
    await factory(ASKS_FIRST);
    rig.killWhen((moment) => moment === 'committed' && runs()[0]?.state === 'claimed');
    await rig.ask(WORKER);
    expect([rig.isDead, runs()[0]?.state, attempts()]).toEqual([true, 'claimed', []]);
    await nextOne();
    expect(rig.factsOf('run.restored')).toHaveLength(1);
    expect([outcomes(), started().length]).toEqual([['succeeded'], 2]);
  });
});

describe('row 14: a pre-check that ran when the daemon died', () => {
  it('is killed, and asked again under another id', async () => {
    await factory(ASKS_FIRST);
    rig.script(WORKER, {});
    await rig.ask(WORKER);
    await rig.until(() => attempts()[0]?.state === 'running');
    rig.kill();
    const [first] = started();
    await rig.restart();
    await rig.until(() => started().length === 2);
    const [id] = runs().map((run) => run.id);
    expect(started()).toEqual([`${id}.1p`, `${id}.1p2`]);
    expect([first === undefined ? [] : rig.host.stops.map((stop) => stop.plan), rig.host.live()]).toEqual([
      [[{ afterMs: 0, action: 'kill' }]],
      [`${id}.1p2`],
    ]);
    rig.host.exitAll({ code: 0 });
    await rig.until(() => started().length === 3);
    rig.host.exitAll();
    await settled();
    expect([outcomes(), started()[2]]).toEqual([['succeeded'], `${id}.1`]);
  });

  it('is asked again also when it said go while nobody was there', async () => {
    await factory(ASKS_FIRST);
    rig.script(WORKER, {});
    await rig.ask(WORKER);
    await rig.until(() => attempts()[0]?.state === 'running');
    rig.kill();
    rig.host.exitAll({ code: 0 });
    rig.script(WORKER, { endsAfterMs: 0 });
    await nextOne();
    const [id] = runs().map((run) => run.id);
    expect([started(), outcomes()]).toEqual([[`${id}.1p`, `${id}.1p2`, `${id}.1`], ['succeeded']]);
  });

  it('is killed by the daemon after next when the next one died before it could', async () => {
    await factory(ASKS_FIRST);
    rig.script(WORKER, {});
    await rig.ask(WORKER);
    await rig.until(() => attempts()[0]?.state === 'running');
    rig.kill();
    await rig.restart((moment) => moment === 'stop');
    expect([rig.isDead, rig.host.live().length]).toEqual([true, 1]);
    rig.script(WORKER, { endsAfterMs: 0 });
    await nextOne();
    const [id] = runs().map((run) => run.id);
    expect([started(), outcomes()]).toEqual([[`${id}.1p`, `${id}.1p2`, `${id}.1`], ['succeeded']]);
  });

  it('leaves a slot that waits too long no way to be forgotten', async () => {
    const asksLong = ASKS_FIRST.replace('60', '3600');
    await factory(`${EVERY_MINUTE}\n${asksLong}\nmisfire = { late_ok = "30s" }`);
    rig.script(WORKER, {});
    await rig.until(() => attempts()[0]?.state === 'running');
    rig.kill();
    await rig.pass(10 * MINUTE_MS);
    await nextOne();
    expect(runs()[0]?.outcome?.kind).toBe('refused');
    const rows = rig.ledger.slots.ofAgent(WORKER as AgentKey, 99);
    expect(rows.filter((row) => row.verdict === 'waiting')).toEqual([]);
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(11);
  });
});

describe('row 15: the keeper died with a start in flight', () => {
  const CLAUDE = 'cli_tool = "claude"';

  it('which is looked for, not found, and asked for once more', async () => {
    await factory(CLAUDE);
    rig.script(WORKER, { endsAfterMs: 1000, code: 1 });
    rig.host.holdStarts();
    await rig.ask(WORKER);
    await rig.until(() => rig.host.asked.length === 1);
    rig.host.die();
    rig.host.releaseStarts();
    await settled();
    expect(attempts().map((one) => (one.outcome?.kind === 'failed' ? one.outcome.class : one.outcome?.kind))).toEqual([
      'did_not_start',
      'no_result',
    ]);
    expect(started()).toHaveLength(1);
  });

  it('and the daemon with it: the next one asks again', async () => {
    await factory('');
    rig.host.holdStarts();
    await rig.ask(WORKER);
    await rig.until(() => rig.host.asked.length === 1);
    rig.kill();
    rig.host.die();
    rig.host.releaseStarts();
    await nextOne();
    expect([outcomes(), started().length]).toEqual([['succeeded'], 1]);
  });

  it('or with the agent started: it is watched to its end, and not started again', async () => {
    await factory('');
    rig.script(WORKER, {});
    rig.killWhen((moment) => moment === 'start answered');
    await rig.ask(WORKER);
    rig.host.die();
    await rig.restart();
    expect(rig.factsOf('daemon.started').at(-1)?.held).toBe(1);
    rig.host.exitAll();
    await settled();
    expect([outcomes(), started().length]).toEqual([['lost'], 1]);
  });
});

describe('row 16: a stop plan that was half done', () => {
  it('goes on at its step, and its first step is not done twice', async () => {
    await factory('grace_period_secs = 10');
    rig.script(WORKER, { ignores: ['terminate'] });
    const id = await running();
    await rig.command(async (control) => control.cancel(id));
    await rig.until(() => attempts()[0]?.state === 'stopping');
    await rig.pass(4000);
    rig.kill();
    const [attempt] = started();
    await rig.restart();
    expect(attempt === undefined ? [] : rig.host.actions(attempt).map(({ action }) => action)).toEqual(['terminate']);
    const before = rig.clock.now();
    await settled();
    expect(rig.clock.now() - before).toBeLessThanOrEqual(6500);
    expect([runs()[0]?.outcome, runs()[0]?.exit?.signal]).toEqual([
      { kind: 'canceled', by: 'operator', reason: 'canceled by an operator' },
      'SIGKILL',
    ]);
  });
});

describe('a daemon that has not recovered everything', () => {
  it('decides nothing: what was asked for meanwhile is decided afterwards', async () => {
    await factory('max_memory_bytes = "1GiB"');
    rig.script(WORKER, {});
    await running();
    rig.kill();
    const coming = rig.restart();
    await rig.alive();
    const asked = rig.daemon.control.run(WORKER, { key: 'meanwhile' });
    await coming;
    await rig.until(() => rig.ledger.runs.waiting().length === 1);
    await asked;
    const kinds = rig.facts().map((fact) => fact.kind);
    expect(kinds.lastIndexOf('run.requested')).toBeGreaterThan(kinds.lastIndexOf('daemon.started'));
    expect(rig.host.live()).toHaveLength(1);
  });

  it('launches nothing that an old pre-check said go to', async () => {
    await factory(ASKS_FIRST);
    rig.script(WORKER, {});
    await rig.ask(WORKER);
    await rig.until(() => attempts()[0]?.state === 'running');
    rig.kill();
    rig.host.exitAll({ code: 0 });
    rig.script(WORKER, { endsAfterMs: 0 });
    const before = rig.facts().length;
    await nextOne();
    const kinds = rig.facts(before).map((fact) => fact.kind);
    expect(kinds.indexOf('attempt.starting')).toBeGreaterThan(kinds.indexOf('daemon.started'));
  });

  it('asks ten times for a start that takes it along each time, and then no more', async () => {
    await factory('');
    rig.killWhen((moment) => moment === 'start');
    await rig.ask(WORKER);
    for (let deaths = 1; deaths < 10; deaths += 1) {
      await rig.restart((moment) => moment === 'start');
      await dies();
      expect([deaths, attempts().length]).toEqual([deaths, deaths + 1]);
    }
    await nextOne();
    expect(runs()[0]?.outcome).toMatchObject({ kind: 'failed', class: 'did_not_start' });
    expect([attempts().length, started()]).toEqual([10, []]);
  });
});
