// Commands that list: their tables, what they say when there is nothing, and their JSON.

import { describe, expect, it } from 'vitest';
import type { Control } from '../../../src/ports/control.ts';
import { adf, adfAlone } from '../../support/cli.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { fakeLocal } from '../../support/fake-local.ts';
import { AT, FAILED_RUN, breakerView, budgetView, issueView } from '../../support/views.ts';

const OUTBOX = [
  {
    id: 7,
    target: 'tracker',
    effect: 'open:sandbox:i1',
    state: 'parked',
    attempts: 3,
    nextAt: AT,
    lastError: '403: the token may not write issues',
  },
  { id: 8, target: 'flag', effect: 'set:sandbox', state: 'waiting', attempts: 0, nextAt: AT + 60_000, lastError: null },
];

interface Case {
  readonly title: string;
  readonly argv: readonly string[];
  readonly script: Partial<Control>;
  readonly out: string;
}

const CASES: readonly Case[] = [
  {
    title: 'agents',
    argv: ['agents'],
    script: {},
    out: `AGENT                         LAYER   CLI  SCHEDULE        LAST              NEXT      FAILED 1 H  RESTARTS 24 H  STATE
demo/steward                  Core    sh   */15 * * * *    ok 10:30 (1.8 s)  10:31:00  –           –              scheduled
demo/dependency-auditor       Core    sh   */15 * * * *    –                 10:35:00  –           –              scheduled
sandbox/project-meta-sandbox  Core    sh   */15 * * * * *  failed 10:30      –         3           –              paused since 10:30:45 → adf why project-meta-sandbox
sentinel                      Safety  sh   –               up 3 min 3 s      –         –           –              running r7k0 (Safety)
`,
  },
  {
    title: 'agents where there are none',
    argv: ['agents'],
    script: { agents: async () => [] },
    out: 'no agents; add [[agents]] to agents.toml, then: adf reload\n',
  },
  {
    title: 'breakers',
    argv: ['breakers'],
    script: {
      breakers: async () => [
        breakerView(),
        breakerView({ project: 'demo', state: 'closed', failures: 0, since: null, issue: null }),
        breakerView({ project: 'web', state: 'half_open', failures: 2 }),
      ],
    },
    out: `PROJECT  STATE      FAILURES  SINCE     ISSUE  MORE
sandbox  open       3 of 3    10:30:45  #4     adf breaker show sandbox
demo     closed     0 of 3    –         –      –
web      half open  2 of 3    10:30:45  #4     adf breaker show web
`,
  },
  {
    title: 'breakers where there are none',
    argv: ['breakers'],
    script: { breakers: async () => [] },
    out: 'no projects, so no breakers; add [[projects]] to agents.toml: adf explain projects\n',
  },
  {
    title: 'budgets',
    argv: ['budget'],
    script: {
      budget: async () => [
        budgetView(),
        budgetView({ key: 'agent web/a month', state: 'spent', unpricedRuns: 2 }),
        budgetView({ subscriptionMicroUsd: 2_500_000 }),
        budgetView({ override: { factor: 2, until: AT, by: 'ann', reason: 'release' } }),
      ],
    },
    out: `BUDGET             STATE  USED              ANEW            NOTE
fleet day          free   $10.00 of $20.00  11-22 00:00:00  –
agent web/a month  spent  $10.00 of $20.00  11-22 00:00:00  2 runs without a price; adf budget override "agent web/a month" --factor 2 --for 24h --reason TEXT
fleet day          free   $10.00 of $20.00  11-22 00:00:00  $2.50 of it on subscriptions
fleet day          free   $10.00 of $20.00  11-22 00:00:00  ×2 until 10:30:45: release (ann)
`,
  },
  {
    title: 'budgets where there are none',
    argv: ['budget'],
    script: { budget: async () => [] },
    out: 'no budgets; add [[budgets]] to agents.toml: adf explain budgets\n',
  },
  {
    title: 'issues',
    argv: ['issues'],
    script: { issues: async () => [issueView(), issueView({ number: 3, state: 'closed', project: null, title: 'x' })] },
    out: `ISSUE  STATE   PROJECT  OPENED    TITLE
#4     open    sandbox  10:30:45  [ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)
#3     closed  –        10:30:45  x
one of them: adf issues show N
`,
  },
  {
    title: 'issues where there are none',
    argv: ['issues'],
    script: { issues: async () => [] },
    out: 'no issues here (with [gitea] in agents.toml they are opened there: adf breakers names them)\n',
  },
  {
    title: 'outbox',
    argv: ['outbox'],
    script: { outbox: async () => OUTBOX },
    out: `ID  TARGET   STATE    TRIES  NEXT      EFFECT           WHY
7   tracker  parked   3      –         open:sandbox:i1  403: the token may not write issues → adf doctor
8   flag     waiting  0      10:31:45  set:sandbox      –
`,
  },
  {
    title: 'outbox where nothing waits',
    argv: ['outbox'],
    script: {},
    out: 'nothing waits: every reaction was carried out\n',
  },
];

describe('each list', () => {
  it.each(CASES)('$title', async ({ argv, script, out }) => {
    expect(await adf(new FakeControl(script), argv)).toEqual({ code: 0, out, err: '' });
  });

  it.each(CASES)('$title, as JSON', async ({ argv, script }) => {
    const fake = new FakeControl(script);
    const { code, out } = await adf(fake, [...argv, '--json']);
    const verb = fake.control[argv[0] as keyof Control] as () => Promise<unknown>;
    expect([code, JSON.parse(out)]).toEqual([0, await verb()]);
  });
});

it('runs --tries lists what adf try made, without a daemon and without its commands', async () => {
  const argv = ['runs', '--tries'];
  const tried = { tries: async () => [{ ...FAILED_RUN, agent: 'try' }] };
  const { code, out } = await adfAlone(argv, { local: fakeLocal(tried) });
  expect([code, out]).toEqual([0, expect.stringMatching(/^RUN .*\n\S+ +try +failed /)]);
  expect(out).not.toContain('→');
  expect((await adfAlone(argv, { local: fakeLocal({ tries: async () => [] }) })).out).toBe(
    'nothing was tried here; to try something: adf try -- CMD\n',
  );
  expect((await adfAlone([...argv, '--agent', 'x'], { local: fakeLocal(tried) })).code).toBe(2);
});

it.each<[string, Partial<ReturnType<typeof breakerView>>, string]>([
  [
    'closed',
    { state: 'closed', failures: 1, since: null, evidence: [], issue: null },
    'sandbox  closed · 1 of 3 failures in a row\nto hold the project: adf pause sandbox\n',
  ],
  [
    'half open',
    { state: 'half_open', evidence: [], issue: { number: 9, url: 'https://git.example/o/r/issues/9' } },
    `sandbox  half open since 10:30:45 · 3 of 3 failures in a row
  issue #9 (https://git.example/o/r/issues/9)
the next counted run decides; to close it now: adf breaker reset sandbox
`,
  ],
  [
    'isolated',
    { state: 'isolated', evidence: [], issue: null },
    'sandbox  isolated since 10:30:45 · 3 of 3 failures in a row\nit stays so until: adf breaker reset sandbox\n',
  ],
  [
    'open by hand',
    { state: 'open', failures: 0, evidence: [], issue: null, why: 'tripped by eva: too many questions' },
    `sandbox  open since 10:30:45 · 0 of 3 failures in a row
  why tripped by eva: too many questions
to resume: rm .adf/pause/sandbox or adf resume sandbox
`,
  ],
])('breaker show of one that is %s says what to type', async (_state, rest, out) => {
  const fake = new FakeControl({ breakers: async () => [breakerView(rest)] });
  expect((await adf(fake, ['breaker', 'show', 'sandbox'])).out).toBe(out);
  expect(JSON.parse((await adf(fake, ['breaker', 'show', 'sandbox', '--json'])).out)).toEqual(breakerView(rest));
});

it('issues show prints one as it stands, without what is only for programs', async () => {
  const issue = issueView({
    body: 'Paused.\u001B[2J\n<!-- adf:fingerprint=pause/sandbox incident=i1 -->\n\nRemove it.\n',
  });
  const fake = new FakeControl({ issues: async () => [issue] });
  expect((await adf(fake, ['issues', 'show', '4'])).out)
    .toBe(`#4  [ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)
open · opened 10:30:45 · adf

Paused.

Remove it.

– 10:31:45 –
It failed again.
`);
  expect(JSON.parse((await adf(fake, ['issues', 'show', '4', '--json'])).out)).toEqual(issue);
});

it('runs passes its filters on', async () => {
  const fake = new FakeControl();
  await adf(fake, [
    'runs',
    '--agent',
    'demo/steward',
    '--project',
    'demo',
    '--state',
    'ended',
    '--outcome',
    'failed',
    '-n',
    '5',
  ]);
  await adf(fake, ['runs']);
  expect(fake.inputs('runs')).toEqual([
    [{ agent: 'demo/steward', project: 'demo', state: 'ended', outcome: 'failed', limit: 5 }],
    [{ limit: 20 }],
  ]);
});
