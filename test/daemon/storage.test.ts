// A ledger that cannot be written for a while: nothing is acknowledged that is not kept, nothing that happened is lost, nothing begins.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { RigInput } from '../support/daemon-rig.ts';
import { OTHER, twoAgents, WORKER } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;
const ASKS_FIRST = 'pre_check = { kind = "shell", script = "true", timeout_secs = 60 }';

let rig: DaemonRig;
afterEach(() => rig.dispose());

function tomlOf(worker: string): string {
  return twoAgents({ project: 'max_concurrent_agents = 1', worker });
}

async function factory(agent = '', over: Partial<RigInput> = {}): Promise<void> {
  rig = await DaemonRig.start({ ...over, toml: tomlOf(agent) });
}

function diskIsFull(isFull: boolean): void {
  rig.isDiskFull = () => isFull;
}

function runs(): readonly Run[] {
  return rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 100 }).toReversed();
}

async function running(agent = WORKER): Promise<RunId> {
  rig.script(agent, {});
  const asked = await rig.ask(agent);
  const id = asked?.run.id as RunId;
  await rig.until(() => rig.ledger.runs.get(id)?.state === 'running');
  return id;
}

async function ended(id: RunId): Promise<Run | null> {
  return rig.until(() => {
    const run = rig.ledger.runs.get(id);
    return run?.state === 'ended' ? run : null;
  });
}

describe('row 10: while the disk is full', () => {
  it('a request is not acknowledged and never runs', async () => {
    await factory();
    diskIsFull(true);
    await expect(rig.ask(WORKER)).rejects.toThrow(/cannot be written/);
    await rig.pass(MINUTE_MS);
    diskIsFull(false);
    await rig.pass(MINUTE_MS);
    expect([runs(), rig.startsOf(WORKER)]).toEqual([[], 0]);
  });

  it('what waits is held by the gate `storage`, and runs when there is room again; the record tells of both', async () => {
    await factory();
    await running(OTHER);
    const asked = await rig.ask(WORKER);
    const id = asked?.run.id as RunId;
    diskIsFull(true);
    rig.host.exitAll();
    await rig.pass(10 * MINUTE_MS);
    expect([rig.startsOf(WORKER), rig.ledger.runs.get(id)?.state]).toEqual([0, 'waiting']);
    const why = await rig.command(async (control) => control.why(WORKER));
    expect(why !== null && 'reasons' in why ? why.reasons.map((each) => each.code) : why).toContain('storage');
    diskIsFull(false);
    await rig.until(() => rig.startsOf(WORKER) === 1, 10_000);
    expect(rig.facts().map((fact) => fact.kind)).toEqual(
      expect.arrayContaining(['storage.failed', 'storage.recovered']),
    );
  });

  it('the first decision afterwards still says `storage`: the ledger has only just been shown to work', async () => {
    await factory();
    diskIsFull(true);
    await expect(rig.ask(WORKER)).rejects.toThrow(/cannot be written/);
    diskIsFull(false);
    const asked = await rig.ask(WORKER);
    expect([asked?.decision, asked?.reasons.map((each) => each.code), rig.startsOf(WORKER)]).toEqual([
      'waiting',
      ['storage'],
      0,
    ]);
    const [verdict] = rig.ledger.verdicts.ofRun(asked?.run.id as RunId);
    expect([verdict?.decision, verdict?.reasons[0]?.text]).toEqual(['deferred', expect.stringMatching(/disk is full/)]);
    await rig.until(() => rig.startsOf(WORKER) === 1, 2000);
  });

  it('a slot is not lost', async () => {
    await factory('schedule = "31 * * * *"');
    diskIsFull(true);
    await rig.pass(3 * MINUTE_MS);
    diskIsFull(false);
    await rig.until(() => runs()[0]?.outcome?.kind === 'succeeded', 10_000);
    expect(rig.ledger.slots.ofAgent(WORKER as AgentKey, 9).map((row) => [row.verdict, row.count])).toEqual([
      ['admitted', 1],
    ]);
  });

  it('an end is kept by the host, and recorded once, as it was', async () => {
    await factory();
    const id = await running();
    diskIsFull(true);
    rig.host.exitAll({ code: 5 });
    const endedAt = rig.clock.now();
    await rig.pass(10 * MINUTE_MS);
    expect(rig.ledger.runs.get(id)?.state).toBe('running');
    diskIsFull(false);
    const run = await ended(id);
    expect([run?.exit?.code, run?.endedAt, rig.factsOf('run.ended').length]).toEqual([5, endedAt, 1]);
  });

  it('and also when the daemon dies before it could be written', async () => {
    await factory();
    const id = await running();
    diskIsFull(true);
    rig.host.exitAll({ code: 5 });
    await rig.pass(MINUTE_MS);
    rig.kill();
    diskIsFull(false);
    await rig.restart();
    expect([(await ended(id))?.exit?.code, rig.factsOf('run.ended').length, rig.startsOf(WORKER)]).toEqual([5, 1, 1]);
  });

  it.each([
    { answer: 'a flag was there', refuse: { kind: 'paused', flag: '/pause/web' } as const, outcome: 'refused' },
    {
      answer: 'it did not start',
      refuse: { kind: 'did_not_start', cause: 'limits', message: 'no room' } as const,
      outcome: 'failed',
    },
  ])('a start that was answered with "$answer" ends its run later', async ({ refuse, outcome }) => {
    await factory();
    rig.host.holdStarts();
    rig.script(WORKER, { refuse });
    const asked = await rig.ask(WORKER);
    await rig.until(() => rig.host.asked.length === 1);
    diskIsFull(true);
    rig.host.releaseStarts();
    await rig.pass(5 * MINUTE_MS);
    expect(rig.ledger.attempts.open()).toHaveLength(1);
    diskIsFull(false);
    expect((await ended(asked?.run.id as RunId))?.outcome?.kind).toBe(outcome);
    expect([rig.ledger.attempts.open(), rig.startsOf(WORKER)]).toEqual([[], 0]);
  });

  it('a run whose intent could not be written waits again, and runs later', async () => {
    await factory(ASKS_FIRST);
    rig.whileLooking = async () => {
      diskIsFull(rig.ledger.runs.live().length > 0);
      return Promise.resolve();
    };
    const asked = await rig.ask(WORKER);
    await rig.pass(MINUTE_MS);
    expect([rig.startsOf(WORKER), runs()[0]?.state]).toEqual([0, 'claimed']);
    rig.whileLooking = async () => Promise.resolve();
    diskIsFull(false);
    expect((await ended(asked?.run.id as RunId))?.outcome?.kind).toBe('succeeded');
    expect(rig.factsOf('run.restored')).toHaveLength(1);
  });

  it('a run whose prompt finds no room waits again, and nobody is blamed', async () => {
    await factory('cli_tool = "claude"');
    const full = async (): Promise<void> => Promise.reject(new OperationalError('storage', 'no room for in/r101.1'));
    Object.assign(rig.house.files, { writeInputs: full });
    const asked = await rig.ask(WORKER);
    expect(asked?.run.id).toBe('r101');
    await rig.pass(MINUTE_MS);
    const restored = rig.factsOf('run.restored');
    expect(restored.length).toBeGreaterThan(10);
    expect([restored[0]?.reason, runs()[0]?.outcome, rig.startsOf(WORKER)]).toEqual([
      expect.stringMatching(/no room for/),
      null,
      0,
    ]);
  });

  it.each(['leave', 'kill', 'drain'] as const)(
    'the daemon still stops (%s), and the next one knows all',
    async (kind) => {
      await factory('', { ledger: 'file' });
      const id = await running();
      diskIsFull(true);
      const before = rig.clock.now();
      await rig.command(async () => rig.daemon.stop(kind === 'drain' ? { kind, timeoutMs: 1000 } : { kind }));
      expect(rig.clock.now() - before).toBeLessThanOrEqual(kind === 'drain' ? 15_000 : 5000);
      expect(rig.host.live()).toHaveLength(kind === 'leave' ? 1 : 0);
      diskIsFull(false);
      await rig.restart();
      rig.host.exitAll();
      expect((await ended(id))?.outcome?.kind).toBe(kind === 'leave' ? 'succeeded' : 'canceled');
    },
  );

  it('a reload is refused and nothing of it holds; asked again, all of it does', async () => {
    await factory();
    diskIsFull(true);
    const fresh =
      '[[agents]]\nname = "fresh"\nlayer = "Core"\nschedule = "* * * * *"\ncli_tool = "sh"\ntask = "true"\n';
    const toml = `${tomlOf('')}\n${fresh}`;
    await expect(rig.reload(toml)).rejects.toThrow(/cannot be written/);
    expect(rig.fleet.now.agents.map((agent) => agent.key)).toEqual([WORKER, OTHER]);
    diskIsFull(false);
    expect(await rig.reload(toml)).toMatchObject({ ok: true });
    await rig.until(() => rig.startsOf('fresh') === 1, 2 * MINUTE_MS);
  });
});

describe('a ledger that fails at any one moment', () => {
  it.each([1, 4])('for %i transactions changes no end', async (failing) => {
    const agent = `schedule = "31 * * * *"\n${ASKS_FIRST}\nretry = { max = 1, backoff = "5s" }`;
    for (let at = 0; at < 14; at += 1) {
      await factory(agent);
      rig.script(WORKER, (run) => ({
        endsAfterMs: 100,
        code: run.state === 'prechecking' || run.attempts === 2 ? 0 : 1,
      }));
      let transactions = 0;
      rig.isDiskFull = () => {
        transactions += 1;
        return transactions > at && transactions <= at + failing;
      };
      await rig.until(() => runs()[0]?.state === 'ended', 3 * MINUTE_MS);
      await rig.pass(10_000);
      const [run] = runs();
      expect([at, run?.outcome?.kind, run?.attempts, rig.host.live(), rig.ledger.runs.live()]).toEqual([
        at,
        'succeeded',
        2,
        [],
        [],
      ]);
      const started = rig.host.starts.map(({ spec }) => String(spec.attemptId));
      const asked = started.filter((id) => /\.\d+p\d*$/.test(id));
      expect([at, started.slice(asked.length)]).toEqual([at, [`${run?.id}.1`, `${run?.id}.2`]]);
      // A start that could not be written down waits again, and what has waited is asked again.
      expect([at, asked.length]).toEqual([at, expect.toSatisfy((count: number) => count === 1 || count === 2)]);
      await rig.dispose();
    }
    await factory();
  });
});

describe('a ledger that somebody else has locked', () => {
  it('is waited for, and then everything is written', async () => {
    await factory('', { ledger: 'file' });
    const id = await running();
    const somebody = new Database(join(rig.dir, 'ledger.db'));
    somebody.exec('BEGIN IMMEDIATE');
    rig.host.exitAll({ code: 3 });
    await rig.pass(3);
    somebody.exec('ROLLBACK');
    somebody.close();
    expect((await ended(id))?.exit?.code).toBe(3);
    expect(rig.warnings.filter((warning) => !warning.includes('database is locked'))).toEqual([]);
    expect(rig.factsOf('storage.recovered')).toHaveLength(1);
  });
});
