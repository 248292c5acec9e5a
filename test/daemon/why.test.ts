// `why` end to end: reason code, numbers and the next command, for everything that keeps an agent from running.

import { afterEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/run/run.ts';
import type { WhyView } from '../../src/ports/control.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { OTHER, twoAgents, WORKER } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

const EVERY_MINUTE = 'schedule = "* * * * *"';

function toml(worker: string, factory = ''): string {
  return twoAgents({ factory, worker: `${EVERY_MINUTE}\n${worker}` });
}

async function why(name = WORKER): Promise<WhyView> {
  const view = await rig.daemon.control.why(name);
  if ('refused' in view) {
    throw new Error(view.refused.message);
  }
  return view;
}

async function occupy(agent: string): Promise<void> {
  rig.script(agent, {});
  const asked = await rig.ask(agent);
  await rig.until(() => rig.ledger.runs.get(asked?.run.id as Run['id'])?.state === 'running');
}

interface Row {
  readonly name: string;
  readonly agent?: string;
  readonly factory?: string;
  readonly before: () => Promise<unknown>;
  readonly code: string;
  readonly numbers: readonly string[];
  readonly command: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'disabled',
    agent: 'enabled = false',
    before: async () => Promise.resolve(),
    code: 'agent.disabled',
    numbers: [],
    command: 'adf reload',
  },
  {
    name: 'paused by a person',
    before: async () => Promise.resolve(rig.flags.touchByHand('web')),
    code: 'project.paused',
    numbers: ['since'],
    command: 'adf resume web',
  },
  {
    name: 'paused by the breaker',
    before: async () => {
      await rig.daemon.control.breaker('web', 'trip', { by: 'ann', reason: 'a test' });
      await rig.pass(1000);
    },
    code: 'breaker.open',
    numbers: [],
    command: 'adf resume web',
  },
  {
    name: 'slots full',
    factory: 'max_concurrent_agents = 1',
    before: async () => occupy(OTHER),
    code: 'slots.factory',
    numbers: ['running', 'limit'],
    command: 'adf runs --state running',
  },
  {
    name: 'overlap',
    before: async () => occupy(WORKER),
    code: 'overlap.skip',
    numbers: ['running', 'limit'],
    command: 'adf runs --state running',
  },
];

describe('why, as things stand now', () => {
  it.each(ROWS)('tells of $name', async (row) => {
    rig = await DaemonRig.start({ toml: toml(row.agent ?? '', row.factory) });
    await row.before();
    const view = await why();
    const told = view.reasons.find((reason) => reason.code === row.code);
    expect([told?.code, Object.keys(told?.numbers ?? {})]).toEqual([row.code, row.numbers]);
    expect(view.commands).toContain(row.command);
    expect(view.verdict).not.toBe('admit');
  });

  it('tells of a quarantine', async () => {
    rig = await DaemonRig.start({
      toml: toml('').replace('layer = "Core"', 'layer = "Safety"').replace('schedule = "* * * * *"', ''),
    });
    rig.breaks(WORKER);
    await rig.until(() => rig.factsOf('quarantine.opened').length > 0, 60 * MINUTE_MS);
    const view = await why();
    expect(view.reasons.map((reason) => reason.code)).toContain('quarantine');
    expect(view.commands).toContain('adf release worker');
  });

  it('says yes where nothing is in the way, with the numbers of the gates that count', async () => {
    rig = await DaemonRig.start({ toml: toml('') });
    const view = await why();
    expect([view.verdict, view.warnings]).toEqual(['admit', []]);
    expect(view.passing.slice(0, 2)).toEqual(['slots.project 0 of 10', 'slots.factory 0 of 4']);
  });

  it('answers for an agent on demand and one that is always on as for their own kind of request', async () => {
    rig = await DaemonRig.start({ toml: toml('') });
    await occupy(OTHER);
    expect((await why(OTHER)).reasons.map((reason) => reason.code)).toEqual(['overlap.queue']);
  });
});

describe('why, of what was skipped', () => {
  it('tells of a slot that came too late', async () => {
    rig = await DaemonRig.start({ toml: toml('', 'max_concurrent_agents = 1').replace('"* * * * *"', '"31 * * * *"') });
    await occupy(OTHER);
    await rig.pass(6 * MINUTE_MS);
    const view = await why();
    const [late] = view.skipped[0]?.reasons ?? [];
    expect([late?.code, Object.keys(late?.numbers ?? {})]).toEqual(['late', ['lateMs', 'limitMs']]);
    expect(view.commands).toContain('adf explain agents.misfire');
  });

  it('tells of pre-checks that found nothing to do, as one stretch', async () => {
    rig = await DaemonRig.start({ toml: toml('pre_check = { kind = "shell", script = "exit 1" }') });
    rig.script(WORKER, { endsAfterMs: 0, code: 1 });
    await rig.pass(3 * MINUTE_MS);
    const view = await why();
    const [nothing, ...more] = view.skipped;
    expect([nothing?.count, nothing?.reasons.map((reason) => reason.code), more]).toEqual([
      3,
      ['precheck.nothing_to_do'],
      [],
    ]);
    expect(view.commands).toContain('adf explain agents.pre_check');
  });
});

describe('why, of what the gates do not see', () => {
  it('warns of a program that is not on PATH', async () => {
    rig = await DaemonRig.start({ toml: toml('').replace('cli_tool = "sh"', 'cli_tool = "claude"') });
    rig.missingPrograms.add('claude');
    const view = await why();
    expect(view.warnings).toEqual([expect.stringMatching(/claude.*PATH.*adf doctor/)]);
    expect(view.commands).toContain('adf doctor');
    expect((await why(OTHER)).warnings).toEqual([]);
  });

  it('says of a slot in the gap of the spring when it will run', async () => {
    const zoned = toml('timezone = "Europe/Berlin"').replace('"* * * * *"', '"30 2 28 3 *"');
    rig = await DaemonRig.start({ toml: zoned });
    const view = await why();
    expect(new Date(view.nextAt ?? 0).toISOString()).toBe('2027-03-28T01:00:00.000Z');
    expect(view.nextNote).toMatch(/does not exist that day/);
  });
});
