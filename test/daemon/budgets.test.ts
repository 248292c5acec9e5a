// Budgets: what they count, what they hold back, whom they stop in the middle, and when they begin anew.

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { RunId } from '../../src/core/ids.ts';
import { Budgets } from '../../src/daemon/budgets.ts';
import { LiveIndex } from '../../src/daemon/live-index.ts';
import { claudeSaid, codexSaid } from '../support/cli-lines.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 10,000 tokens of claude-sonnet-4-5 in, none out: 3 cents. */
const THREE_CENTS = { session: 's', used: { input: 10_000, output: 0 }, costUsd: 0.03 };

const agent = (name: string, more = ''): string =>
  `[[agents]]\nname = "${name}"\nlayer = "Growth"\nproject = "web"\ncli_tool = "claude"\nmodel = "claude-sonnet-4-5"\ntask = "Work."\nretry = { max = 0 }\n${more}\n`;
const fleet = (budgets: string, agents: string): string =>
  `[factory]\nqueue_timeout = "3d"\ntimezone = "Europe/Berlin"\n\n[[projects]]\nid = "web"\n\n${budgets}\n${agents}`;
const budget = (rest: string): string => `[[budgets]]\n${rest}\n`;

let rig: DaemonRig;
afterEach(async () => rig.dispose());

async function start(toml: string): Promise<void> {
  rig = await DaemonRig.start({ toml });
  for (const { key } of rig.fleet.now.agents) {
    rig.script(key, { endsAfterMs: 1000, output: claudeSaid(THREE_CENTS) });
  }
}

/** Asks for a run that has to wait; the codes it waits for. */
async function waitsFor(name: string): Promise<readonly string[]> {
  const asked = await rig.ask(name);
  expect(asked?.decision).toBe('waiting');
  return (asked?.reasons ?? []).map(({ code }) => code);
}

describe('a budget', () => {
  it.each([
    ['of an agent', budget('scope = "agent"\nname = "web/one"\nwindow = "day"\ncents = 3'), ['budget.spent'], []],
    [
      'of a project',
      budget('scope = "project"\nname = "web"\nwindow = "day"\ncents = 3'),
      ['budget.spent'],
      ['budget.spent'],
    ],
    [
      'of an account',
      budget('scope = "provider"\nname = "claude"\nwindow = "day"\nruns = 1'),
      ['budget.spent'],
      ['budget.spent'],
    ],
    ['of the fleet', budget('scope = "fleet"\nwindow = "hour"\ntokens = 10000'), ['budget.spent'], ['budget.spent']],
  ] as const)('%s holds back whom it covers, and nobody else', async (...row) => {
    const [, budgets, one, two] = row;
    await start(fleet(budgets, `${agent('one')}${agent('two')}`));
    expect((await rig.run('one'))?.outcome).toEqual({ kind: 'succeeded' });
    expect(await waitsFor('one')).toEqual(one);
    if (two.length > 0) {
      expect(await waitsFor('two')).toEqual(two);
    } else {
      expect((await rig.run('two'))?.outcome).toEqual({ kind: 'succeeded' });
    }
  });

  it.each([
    ['that is reached exactly is spent', 3, 'budget.spent'],
    ['that a further run like the ones before would go over is reserved', 5, 'budget.reserved'],
  ])('%s', async (_title, cents, code) => {
    await start(fleet('', agent('one', `budget_monthly_cents = ${cents}`)));
    await rig.run('one');
    expect(await waitsFor('one')).toEqual([code]);
  });

  it('with room for a further run lets it in', async () => {
    await start(fleet('', agent('one', 'budget_monthly_cents = 6')));
    await rig.run('one');
    expect((await rig.run('one'))?.outcome).toEqual({ kind: 'succeeded' });
    const [view] = (await rig.command(async (control) => control.budget())) ?? [];
    expect(view).toMatchObject({ state: 'spent', used: { microUsd: 60_000, runs: 2, tokens: 20_000 } });
  });

  it('says the numbers that it compared, and when it begins anew', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "month"\ncents = 3'), agent('one')));
    await rig.run('one');
    const asked = await rig.ask('one');
    expect(asked?.reasons).toMatchObject([
      {
        code: 'budget.spent',
        text: 'fleet month: $0.03 used, $0.03 reserved, limit $0.03; begins anew 2026-11-30 23:00:00 UTC',
        numbers: { used: 30_000, limit: 30_000 },
        retryAt: Date.UTC(2026, 10, 30, 23),
      },
    ]);
  });

  it('begins anew with its window, also after a restart', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "hour"\nruns = 1'), agent('one')));
    await rig.run('one');
    await waitsFor('one');
    await rig.restart();
    await rig.until(() => rig.factsOf('run.ended').length === 2, HOUR_MS);
    expect(rig.host.starts[1]?.at).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 21, 11));
  });

  it('is told of once when it is near, and once when it is spent', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\nruns = 5'), agent('one')));
    for (let run = 1; run <= 5; run += 1) {
      await rig.run('one');
      expect(rig.factsOf('budget.near').length).toBe(run >= 4 ? 1 : 0);
      expect(rig.factsOf('budget.spent').length).toBe(run >= 5 ? 1 : 0);
    }
  });
});

describe('for alerts', () => {
  it('the budget of money counts of which most is spent, once for each subject', async () => {
    const budgets = ['day', 'month'].map((window, at) =>
      budget(`scope = "fleet"\nwindow = "${window}"\ncents = ${(at + 1) * 4}`),
    );
    const tokens = budget('scope = "project"\nname = "web"\nwindow = "day"\ntokens = 10');
    await start(fleet(`${budgets.join('')}${tokens}`, agent('one', 'budget_monthly_cents = 100')));
    await rig.run('one');
    expect(rig.daemon.services.budgets.pictures()).toEqual([
      { subject: { kind: 'factory' }, spent: 30_000, limit: 40_000, window: 'this day' },
      { subject: { kind: 'agent', name: 'web/one' }, spent: 30_000, limit: 1_000_000, window: 'this month' },
    ]);
  });
});

describe('an override', () => {
  it('lets more in for as long as it holds', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\nruns = 1'), agent('one')));
    await rig.run('one');
    await waitsFor('one');
    const wish = { key: 'fleet day', factor: 2, forMs: HOUR_MS, by: 'ann', reason: 'release day' };
    await rig.command(async (control) => control.overrideBudget(wish));
    await rig.until(() => rig.factsOf('run.ended').length === 2);
    expect(await waitsFor('one')).toEqual(['budget.spent']);
    expect(rig.factsOf('budget.overridden')).toMatchObject([{ budget: 'fleet day', factor: 2, by: 'ann' }]);
  });

  it.each([
    ['budget.override', { factor: 3.1 }],
    ['budget.override', { forMs: 48 * HOUR_MS + 1 }],
    ['budget.unknown', { key: 'fleet' }],
  ])('is refused as %s', async (code, over) => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\nruns = 1'), agent('one')));
    const wish = { key: 'fleet day', factor: 3, forMs: 48 * HOUR_MS, by: 'ann', reason: 'r', ...over };
    expect(await rig.command(async (control) => control.overrideBudget(wish))).toMatchObject({ refused: { code } });
  });
});

describe('a run that goes on', () => {
  const message = (input: number): string =>
    `${JSON.stringify({ type: 'assistant', session_id: 's', message: { id: 'm', content: [], usage: { input_tokens: input, output_tokens: 1 } } })}\n`;

  it.each([
    ['money, by the list', 'cents = 1', 4000],
    ['tokens', 'tokens = 4000', 4000],
  ])(
    'is stopped in the middle when its budget of %s is spent, and nothing starts after it',
    async (_of, limit, input) => {
      await start(fleet(budget(`scope = "fleet"\nwindow = "day"\n${limit}`), agent('one')));
      rig.script('web/one', { output: message(input), codeWhenAsked: 0 });
      const run = await rig.run('one');
      expect(run?.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
      expect(run?.usage).toMatchObject({ input });
      expect(run?.outcome !== null && 'reason' in (run?.outcome ?? {}) ? JSON.stringify(run?.outcome) : '').toContain(
        'fleet day',
      );
      expect(await waitsFor('one')).toEqual(['budget.spent']);
    },
  );

  it('is stopped in the middle by what codex writes beside its output, and what it used is kept', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\ntokens = 4000'), agent('one')));
    const codex = agent('one', `env = { CODEX_HOME = "${rig.dir}" }`).replace('"claude"', '"codex"');
    await rig.reload(fleet(budget('scope = "fleet"\nwindow = "day"\ntokens = 4000'), codex));
    const day = join(rig.dir, 'sessions/2026/11/21');
    mkdirSync(day, { recursive: true });
    const tokens = { input_tokens: 3990, cached_input_tokens: 0, output_tokens: 10 };
    const record = (at: number): string =>
      `${JSON.stringify({ timestamp: new Date(at).toISOString(), type: 'token_usage_record', payload: { turn_token_usage: tokens } })}\n`;
    const rollout = join(day, 'rollout-x-t.jsonl');
    // Of the turn before: it stops nobody, nor does it count.
    writeFileSync(rollout, record(rig.clock.now() - 2000));
    rig.script('web/one', { output: codexSaid('t', { input: 1, output: 1 }, 'x').split('\n')[0]?.concat('\n') ?? '' });
    await rig.ask('one');
    await rig.pass(MINUTE_MS);
    expect(rig.host.stops).toEqual([]);
    appendFileSync(rollout, record(rig.clock.now()));
    const ended = await rig.until(() => rig.factsOf('run.ended')[0]);
    const run = rig.ledger.runs.get(ended?.run as RunId);
    expect(run?.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
    expect(run?.usage).toMatchObject({ input: 3990, output: 10 });
  });

  it('is left alone below it', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\ncents = 2'), agent('one')));
    rig.script('web/one', { output: message(4000), endsAfterMs: 5 * MINUTE_MS });
    await rig.ask('one');
    await rig.pass(MINUTE_MS);
    expect(rig.host.stops).toEqual([]);
  });

  it('is stopped by its time alone when nothing is known of its tokens', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "hour"\nbusy = "1m"'), agent('one')));
    rig.script('web/one', { output: codexSaid('t', { input: 1, output: 1 }, 'x').split('\n')[0] ?? '' });
    const run = await rig.run('one');
    expect(run?.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
  });

  it('on a subscription that says that tokens cost nothing is stopped by its tokens', async () => {
    const [tokens, plan] = [
      budget('scope = "fleet"\nwindow = "day"\ntokens = 10000'),
      agent('one', 'subscription = true'),
    ];
    await start(fleet(tokens, plan));
    rig.script('web/one', { output: message(10_000), codeWhenAsked: 0 });
    expect((await rig.run('one'))?.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
    expect(await waitsFor('one')).toEqual(['budget.spent']);
  });

  it('on a subscription counts by its tokens after it, too', async () => {
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\ntokens = 10000'), agent('one')));
    rig.script('web/one', { endsAfterMs: 1000, output: claudeSaid({ ...THREE_CENTS, costUsd: 0 }) });
    await rig.run('one');
    expect(await waitsFor('one')).toEqual(['budget.spent']);
  });
});

describe('list prices', () => {
  const KEY = { apiKeySource: 'ANTHROPIC_API_KEY' };
  const PLAN = { apiKeySource: 'none' };
  const init = (says: object): string =>
    `${JSON.stringify({ type: 'system', subtype: 'init', session_id: 's', ...says })}\n`;

  it.each<readonly [string, string, object, string | undefined]>([
    ['billed to whoever has the key', '', KEY, 'billed'],
    ['covered by the plan that it is logged in to', '', PLAN, 'subscription'],
    ['neither, as far as anybody knows,', '', {}, undefined],
    ['what the operator says', 'subscription = true', KEY, 'subscription'],
    ['what the operator says, too,', 'subscription = false', PLAN, 'billed'],
  ])('are %s after a run', async (...row) => {
    const [, more, says, billing] = row;
    await start(fleet('', agent('one', more)));
    rig.script('web/one', { endsAfterMs: 1000, output: `${init(says)}${claudeSaid(THREE_CENTS)}` });
    const usage = (await rig.run('one'))?.usage;
    expect([usage?.costMicroUsd, usage?.billing]).toEqual([30_000, billing]);
  });

  it('count for a budget whoever pays, and the part that a subscription covers is told', async () => {
    const plan = agent('two', 'subscription = true');
    await start(fleet(budget('scope = "fleet"\nwindow = "day"\ncents = 10'), `${agent('one')}${plan}`));
    await rig.run('one');
    await rig.run('two');
    const [view] = (await rig.command(async (control) => control.budget())) ?? [];
    expect(view).toMatchObject({ used: { microUsd: 60_000 }, subscriptionMicroUsd: 30_000 });
  });
});

it('that covers hundreds counts them once, not once for each that is asked about', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `a${index}`);
  await start(
    fleet(budget('scope = "fleet"\nwindow = "day"\nruns = 10000'), names.map((name) => agent(name)).join('')),
  );
  let looks = 0;
  const driverFor: typeof rig.house.driverFor = (cliTool) => {
    looks += 1;
    return rig.house.driverFor(cliTool);
  };
  const budgets = new Budgets({ ...rig.house, driverFor });
  const live = new LiveIndex();
  const { agents } = rig.fleet.now;
  agents
    .slice(0, 200)
    .forEach(({ key, project }) => live.admit({ agent: key, project, state: 'waiting', attempts: 0 }, 0));
  const reserved = agents.map((one) => budgets.claimsOf(one, live.counts())[0]?.stand.gauge);
  expect(reserved[0]).toMatchObject({ unit: 'runs', reserved: 201 });
  expect(looks).toBeLessThan(1000);
});
