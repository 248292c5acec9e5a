// Admission as the rig sees it: what each gate does to a request, how requests wait, and how little is written meanwhile.

import { afterEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/run/run.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { OTHER, twoAgents, WORKER } from '../support/two-agents.ts';
import type { TwoAgents } from '../support/two-agents.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

const SLOT = 'schedule = "* * * * *"';

function toml(given: Omit<TwoAgents, 'other'>): string {
  return twoAgents({ worker: SLOT, ...given, other: 'max_memory_bytes = "600GiB"' });
}

interface Row {
  readonly gate: string;
  readonly toml: string;
  readonly before: () => Promise<unknown>;
}

async function nothing(): Promise<void> {
  return Promise.resolve();
}

/** A run that goes on until it is told to end. */
async function occupy(agent = OTHER): Promise<void> {
  rig.script(agent, {});
  const asked = await rig.ask(agent);
  await rig.until(() => rig.ledger.runs.get(asked?.run.id as Run['id'])?.state === 'running');
}

const REFUSED: readonly Row[] = [
  { gate: 'agent.disabled', toml: toml({ worker: `${SLOT}\nenabled = false` }), before: nothing },
  { gate: 'project.disabled', toml: toml({ project: 'enabled = false' }), before: nothing },
  {
    gate: 'project.paused',
    toml: toml({}),
    before: async () => Promise.resolve(rig.flags.touchByHand('web')),
  },
  {
    gate: 'factory.paused',
    toml: toml({}),
    before: async () => Promise.resolve(rig.flags.touchByHand('__all__')),
  },
  {
    gate: 'factory.paused project.paused',
    toml: toml({}),
    before: async () => Promise.resolve(rig.flags.vanish()),
  },
  {
    gate: 'breaker.isolated',
    toml: toml({}),
    before: async () => {
      await rig.daemon.control.breaker('web', 'isolate', { by: 'ann', reason: 'a test' });
      await rig.pass(1000);
    },
  },
  {
    gate: 'breaker.open project.paused',
    toml: toml({}),
    before: async () => {
      await rig.daemon.control.breaker('web', 'trip', { by: 'ann', reason: 'a test' });
      await rig.pass(1000);
    },
  },
  { gate: 'overlap.skip', toml: toml({}), before: async () => occupy(WORKER) },
  { gate: 'enforcement.unavailable', toml: toml({ worker: `${SLOT}\nenforcement = "kernel"` }), before: nothing },
];

const DEFERRED: readonly (Row & { readonly numbers: Readonly<Record<string, number>> })[] = [
  {
    gate: 'slots.factory',
    toml: toml({ factory: 'max_concurrent_agents = 1' }),
    before: async () => occupy(),
    numbers: { running: 1, limit: 1 },
  },
  {
    gate: 'slots.project',
    toml: toml({ project: 'max_concurrent_agents = 1' }),
    before: async () => occupy(),
    numbers: { running: 1, limit: 1 },
  },
  {
    gate: 'memory.promised',
    toml: toml({ worker: `${SLOT}\nmax_memory_bytes = "600GiB"` }),
    before: async () => occupy(),
    numbers: { promised: 600 * 1024 ** 3, wanted: 600 * 1024 ** 3, limit: Math.floor(1024 ** 4 * 0.8) },
  },
  {
    gate: 'overlap.queue',
    toml: toml({ worker: `${SLOT}\noverlap = "queue"` }),
    before: async () => occupy(WORKER),
    numbers: { running: 1, limit: 1 },
  },
  {
    gate: 'draining',
    toml: toml({}),
    before: async () => rig.daemon.control.drain({ end: false, by: 'ann' }),
    numbers: {},
  },
  {
    gate: 'disk.floor',
    toml: toml({ factory: 'disk_free_floor = "2GiB"' }),
    before: async () => {
      rig.machine.freeBytes = 1024 ** 3;
      return Promise.resolve();
    },
    numbers: { free: 1024 ** 3, floor: 2 * 1024 ** 3, resumeAt: Math.ceil(2 * 1024 ** 3 * 1.05) },
  },
  {
    gate: 'inodes.floor',
    toml: toml({}),
    before: async () => {
      rig.machine.freeInodes = 9999;
      return Promise.resolve();
    },
    numbers: { free: 9999, floor: 10_000, resumeAt: 10_500 },
  },
  {
    gate: 'memory.pressure',
    toml: toml({}),
    before: async () => {
      rig.machine.pressure.memory = 20.01;
      return Promise.resolve();
    },
    numbers: { pressure: 20.01, limit: 20, resumeAt: 16 },
  },
  {
    gate: 'cpu.pressure',
    toml: toml({ factory: 'cpu_pressure_percent = 90' }),
    before: async () => {
      rig.machine.pressure.cpu = 95;
      return Promise.resolve();
    },
    numbers: { pressure: 95, limit: 90, resumeAt: 72 },
  },
];

function codes(reasons: readonly { readonly code: string }[]): string {
  return reasons
    .map((reason) => reason.code)
    .toSorted()
    .join(' ');
}

describe('a gate that refuses', () => {
  it.each(REFUSED)('ends the slot: $gate', async ({ gate, toml: text, before }) => {
    rig = await DaemonRig.start({ toml: text });
    await before();
    const starts = rig.startsOf(WORKER);
    await rig.pass(20_000);
    const [slot] = rig.ledger.slots.skipped(WORKER as Run['agent'], 1);
    expect([slot?.verdict, codes(slot?.reasons ?? []), rig.startsOf(WORKER)]).toEqual(['refused', gate, starts]);
    expect(rig.ledger.runs.waiting()).toEqual([]);
  });

  it.each(REFUSED.filter((row) => row.gate !== 'overlap.skip'))(
    'refuses a person at once: $gate',
    async ({ gate, toml: text, before }) => {
      rig = await DaemonRig.start({ toml: text });
      await before();
      const reply = await rig.ask(WORKER);
      expect([reply?.decision, codes(reply?.reasons ?? []), rig.startsOf(WORKER)]).toEqual(['refused', gate, 0]);
    },
  );
});

describe('a gate that defers', () => {
  it.each(DEFERRED)('keeps the slot waiting, says why with numbers: $gate', async (row) => {
    rig = await DaemonRig.start({ toml: row.toml });
    await row.before();
    const starts = rig.startsOf(WORKER);
    await rig.until(() => rig.ledger.runs.waiting().length === 1, MINUTE_MS);
    const waiting = await rig.until(() => {
      const [run] = rig.ledger.runs.waiting();
      return run !== undefined && rig.ledger.verdicts.ofRun(run.id).length > 0 ? run : null;
    });
    const [verdict] = rig.ledger.verdicts.ofRun(waiting?.id as Run['id']);
    expect([verdict?.decision, codes(verdict?.reasons ?? []), verdict?.reasons[0]?.numbers]).toEqual([
      'deferred',
      row.gate,
      row.numbers,
    ]);
    expect(rig.startsOf(WORKER)).toBe(starts);
  });

  it('lets the request go on when what held it is over', async () => {
    rig = await DaemonRig.start({ toml: toml({ project: 'max_concurrent_agents = 1' }) });
    await occupy();
    expect((await rig.ask(WORKER))?.decision).toBe('waiting');
    rig.host.exitAll();
    await rig.until(() => rig.startsOf(WORKER) === 1, 2000);
  });
});

describe('a request that waits', () => {
  it('is superseded by the next slot, and refused as late when none comes', async () => {
    rig = await DaemonRig.start({ toml: toml({ factory: 'max_concurrent_agents = 1' }) });
    await occupy();
    await rig.pass(3 * MINUTE_MS);
    expect(rig.ledger.runs.waiting().map((run) => run.agent)).toEqual([WORKER]);
    const [stretch, ...more] = rig.ledger.slots.skipped(WORKER as Run['agent'], 5);
    expect([codes(stretch?.reasons ?? []), stretch?.count, more]).toEqual(['superseded', 2, []]);
    await rig.dispose();
    const hourly = 'schedule = "31 * * * *"';
    rig = await DaemonRig.start({ toml: toml({ factory: 'max_concurrent_agents = 1', worker: hourly }) });
    await occupy();
    await rig.until(() => rig.ledger.runs.waiting().length === 1, MINUTE_MS);
    await rig.pass(5 * MINUTE_MS);
    expect(rig.ledger.runs.waiting()).toHaveLength(1);
    await rig.pass(1000);
    const [late] = rig.ledger.slots.skipped(WORKER as Run['agent'], 1);
    expect([codes(late?.reasons ?? []), late?.reasons[0]?.numbers['limitMs']]).toEqual(['late', 5 * MINUTE_MS]);
  });

  it.each([
    { name: 'overlap = "queue" keeps one', worker: 'overlap = "queue"', kept: 1 },
    { name: 'run_all keeps five', worker: 'misfire = { policy = "run_all" }', kept: 5 },
    { name: 'everybody else keeps the newest', worker: '', kept: 1 },
  ])('$name', async ({ worker, kept }) => {
    const every = `${SLOT}\n${worker}`;
    rig = await DaemonRig.start({ toml: toml({ factory: 'max_concurrent_agents = 1', worker: every }) });
    await occupy();
    await rig.pass(10 * MINUTE_MS);
    expect(rig.ledger.runs.waiting()).toHaveLength(kept);
  });

  it('ends after queue_timeout when a person asked, not a moment before', async () => {
    rig = await DaemonRig.start({ toml: toml({ factory: 'max_concurrent_agents = 1\nqueue_timeout = "10m"' }) });
    await occupy();
    const asked = await rig.ask(OTHER);
    const id = asked?.run.id as Run['id'];
    await rig.pass(10 * MINUTE_MS - 1000);
    expect(rig.ledger.runs.get(id)?.state).toBe('waiting');
    await rig.pass(2000);
    const outcome = rig.ledger.runs.get(id)?.outcome;
    expect(outcome?.kind === 'refused' ? codes(outcome.reasons) : outcome).toBe('queue_timeout');
  });

  it('is refused before it is taken in when max_waiting wait already', async () => {
    rig = await DaemonRig.start({ toml: toml({ factory: 'max_concurrent_agents = 1\nmax_waiting = 2' }) });
    await occupy();
    await rig.ask(OTHER);
    await rig.ask(OTHER);
    const before = rig.ledger.runs.list({ limit: 100 }).length;
    await expect(rig.ask(OTHER)).rejects.toThrow(/2 requests wait already, limit 2/);
    expect(rig.ledger.runs.list({ limit: 100 })).toHaveLength(before);
    expect((await rig.ask(WORKER))?.decision).toBe('waiting');
  });

  it('does not make the daemon look again and again', async () => {
    rig = await DaemonRig.start({
      toml: toml({ factory: 'max_concurrent_agents = 1', worker: `${SLOT}\noverlap = "queue"` }),
    });
    await occupy();
    await rig.pass(HOUR_MS / 6);
    const before = rig.moments.length;
    await rig.pass(10_000);
    expect(rig.moments.length - before).toBeLessThan(100);
  });
});

describe('a standing wish', () => {
  const SAFETY = toml({ worker: '' }).replace('layer = "Growth"', 'layer = "Safety"');

  it('is refused as one row while the project is paused, and runs within a second of the flag going', async () => {
    rig = await DaemonRig.start({ toml: SAFETY });
    rig.script(WORKER, {});
    await rig.until(() => rig.startsOf(WORKER) === 1);
    rig.flags.touchByHand('web');
    rig.host.exitAll({ code: 1 });
    const waiting = await rig.until(() => rig.ledger.runs.waiting()[0]);
    await rig.pass(10 * MINUTE_MS);
    const rows = rig.ledger.verdicts.ofRun(waiting?.id as Run['id']);
    expect(rows.map((row) => [row.decision, codes(row.reasons), row.count > 5])).toEqual([
      ['refused', 'project.paused', true],
    ]);
    rig.flags.removeByHand('web');
    await rig.until(() => rig.startsOf(WORKER) === 2, 1000);
  });
});

describe('the order of what waits', () => {
  const AGENTS = ['urgent', 'plain', 'old']
    .map((name) => `[[agents]]\nname = "${name}"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "true"\n`)
    .map((text, at) => `${text}priority = ${[7, 5, 5][at] ?? 5}\n`)
    .join('\n');

  async function startedInOrder(): Promise<string[]> {
    const before = rig.host.starts.length;
    rig.host.exitAll();
    await rig.until(() => rig.ledger.runs.waiting().length === 0);
    return rig.host.starts.slice(before).map(({ spec }) => {
      const attempt = rig.ledger.attempts.get(spec.attemptId);
      return String(attempt === null ? '' : rig.ledger.runs.get(attempt.run)?.agent).replace(/^.*\//, '');
    });
  }

  it('is by priority, and a minute of waiting is worth one step of it', async () => {
    rig = await DaemonRig.start({
      toml: `${toml({ factory: 'max_concurrent_agents = 1', worker: 'events = ["push"]' })}\n${AGENTS}`,
    });
    await occupy();
    await rig.ask('old');
    await rig.pass(3 * MINUTE_MS);
    await rig.ask('plain');
    await rig.ask('urgent');
    expect(await startedInOrder()).toEqual(['old', 'urgent', 'plain']);
  });

  it('gives projects turns: a long queue of one does not hide another', async () => {
    const second = `[[projects]]\nid = "api"\nworking_dir = "/repo"\n\n[[agents]]\nname = "lone"\nproject = "api"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "true"\n`;
    rig = await DaemonRig.start({
      toml: `${toml({ factory: 'max_concurrent_agents = 1', worker: 'events = ["push"]' })}\n${second}`,
    });
    await occupy(WORKER);
    for (let asked = 0; asked < 5; asked += 1) {
      rig.script(OTHER, { endsAfterMs: 0 });
      await rig.ask(OTHER);
    }
    await rig.ask('lone');
    const order = await startedInOrder();
    expect(order.indexOf('lone')).toBeLessThan(2);
  });
});

describe('overlap = "replace"', () => {
  it('starts the next run and stops the one before', async () => {
    rig = await DaemonRig.start({ toml: toml({ worker: `${SLOT}\noverlap = "replace"` }) });
    rig.script(WORKER, {});
    await rig.until(() => rig.startsOf(WORKER) === 2);
    const [first] =
      (await rig.until(() => {
        const ended = rig.factsOf('run.ended');
        return ended.length > 0 ? ended : null;
      })) ?? [];
    expect(first?.outcome).toMatchObject({ kind: 'canceled', by: 'replaced' });
    expect(rig.host.live()).toHaveLength(1);
  });
});

describe('the tables', () => {
  it('do not grow while 1,000 requests wait for the same thing', async () => {
    rig = await DaemonRig.start({
      toml: toml({ factory: 'max_concurrent_agents = 1\nmax_waiting = 1000', worker: 'events = ["push"]' }),
    });
    await occupy();
    const { control } = rig.daemon;
    const asked = Array.from({ length: 1000 }, async (_, key) => control.run(OTHER, { key: `ask ${key}` }));
    await rig.until(() => rig.ledger.runs.waiting().length === 1000);
    await Promise.all(asked);
    await rig.pass(5000);
    const rows = (): readonly number[] => {
      const waiting = rig.ledger.runs.waiting();
      const verdicts = waiting.map((run) => rig.ledger.verdicts.ofRun(run.id).length);
      return [waiting.length, Math.min(...verdicts), Math.max(...verdicts), rig.facts().length];
    };
    const before = rows();
    await rig.pass(MINUTE_MS + 2000);
    expect([before.slice(0, 3), rows()]).toEqual([[1000, 1, 1], before]);
  });

  it('hold many refused 15 s slots in one row', async () => {
    rig = await DaemonRig.start({ toml: toml({ worker: 'schedule = "*/15 * * * * *"' }) });
    rig.flags.touchByHand('web');
    await rig.pass(MINUTE_MS);
    const before = rig.facts().length;
    await rig.pass(30 * MINUTE_MS);
    const [row, ...more] = rig.ledger.slots.ofAgent(WORKER as Run['agent'], 10);
    expect([row?.count, row?.verdict, more, rig.facts().length]).toEqual([124, 'refused', [], before]);
    expect(rig.ledger.runs.list({ agent: WORKER as Run['agent'], limit: 10 })).toEqual([]);
  });
});
