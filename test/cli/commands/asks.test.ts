// Commands that ask the daemon to change something: what they ask, what they say, with which code they end.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Control } from '../../../src/ports/control.ts';
import { adf } from '../../support/cli.ts';
import { testFolder } from '../../support/control-socket.ts';
import { FakeControl, refused } from '../../support/fake-control.ts';
import { reloadView } from '../../support/reconcile-views.ts';
import { FULL, PAUSED, runView, waitingRun } from '../../support/views.ts';

const LOADED = reloadView();
const PROBLEM = {
  file: 'agents.toml',
  line: 14,
  column: 12,
  key: 'agents[2].cli_tool',
  message: 'unknown driver "cluade" (did you mean "claude"?)',
};

interface Case {
  readonly title: string;
  readonly script?: Partial<Control>;
  readonly argv: readonly string[];
  readonly asked: readonly unknown[];
  readonly code?: number;
  readonly out: string;
  readonly err?: string;
}

const CASES: readonly Case[] = [
  {
    title: 'emit says what became of each agent that waits for the event',
    script: {
      emit: async () => [
        { run: runView({ id: 'r1', state: 'claimed', outcome: null }), decision: 'admitted', reasons: [] },
        { run: waitingRun([FULL]), decision: 'waiting', reasons: [FULL] },
      ],
    },
    argv: ['emit', 'push', '--project', 'demo', '--key', 'abc'],
    asked: ['push', { key: 'abc', project: 'demo' }],
    out: `r1  demo/steward  admitted → adf logs -f r1
r7m2  demo/steward  waiting  slots.project: running 2, limit 2 → adf why demo/steward
`,
  },
  {
    title: 'emit fails when an agent is refused',
    script: { emit: async () => [{ run: waitingRun([PAUSED]), decision: 'refused', reasons: [FULL] }] },
    argv: ['emit', 'push'],
    asked: ['push', { key: 'key-1' }],
    code: 1,
    out: 'r7m2  demo/steward  refused  slots.project: running 2, limit 2 → adf why demo/steward\n',
  },
  {
    title: 'emit names the agents whose queue is full, and fails',
    script: {
      emit: async () => [
        { run: waitingRun([FULL]), decision: 'waiting', reasons: [FULL] },
        { run: null, agent: 'demo/busy', decision: 'refused', reasons: [FULL] },
      ],
    },
    argv: ['emit', 'push'],
    asked: ['push', { key: 'key-1' }],
    code: 1,
    out: `r7m2  demo/steward  waiting  slots.project: running 2, limit 2 → adf why demo/steward
-  demo/busy  refused  slots.project: running 2, limit 2 → adf why demo/busy
`,
  },
  {
    title: 'emit fails when nobody waits for the event',
    argv: ['emit', 'psuh'],
    asked: ['psuh', { key: 'key-1' }],
    code: 1,
    out: '',
    err: 'no agent waits for "psuh"; see what they wait for: adf explain agents.events\n',
  },
  {
    title: 'cancel says that a run is being stopped',
    script: { cancel: async () => runView({ state: 'stopping', outcome: null }) },
    argv: ['cancel', 'r7k2'],
    asked: ['r7k2'],
    out: 'r7k2  demo/steward  is being stopped → adf show r7k2\n',
  },
  {
    title: 'cancel says that a waiting run is gone',
    script: { cancel: async () => runView({ outcome: { kind: 'canceled', class: 'operator' } }) },
    argv: ['cancel', 'r7k2'],
    asked: ['r7k2'],
    out: 'r7k2  demo/steward  canceled (operator)\n',
  },
  {
    title: 'cancel of a run that has ended changes nothing and is no failure',
    script: { cancel: async () => runView() },
    argv: ['cancel', 'r7k2'],
    asked: ['r7k2'],
    out: 'r7k2  demo/steward  had ended already: succeeded; nothing was changed → adf show r7k2\n',
  },
  {
    title: 'retry chooses a key and says what became of it',
    argv: ['retry', 'r7m1'],
    asked: ['r7m1', 'key-1'],
    out: 'r7m1  sandbox/project-meta-sandbox  admitted → adf show r7m1\n',
  },
  {
    title: 'retry of a run that runs is refused',
    script: { retry: async () => refused('run.not_ended', 'r7m1 has not ended: adf cancel r7m1') },
    argv: ['retry', 'r7m1', '--key', 'again'],
    asked: ['r7m1', 'again'],
    code: 1,
    out: '',
    err: 'adf: r7m1 has not ended: adf cancel r7m1\n',
  },
  {
    title: 'release ends a quarantine',
    argv: ['release', 'steward'],
    asked: ['steward'],
    out: 'steward is released; when it runs next: adf why steward\n',
  },
  {
    title: 'release of an agent that is not held changes nothing and is no failure',
    script: { release: async () => ({ released: false }) },
    argv: ['release', 'steward'],
    asked: ['steward'],
    out: 'steward is not in quarantine; nothing was changed. What holds it: adf why steward\n',
  },
  {
    title: 'drain says what may finish and how to go on',
    argv: ['drain'],
    asked: [{ end: false, by: 'eva' }],
    out: 'draining: 1 run may finish, nothing is started; see them: adf runs --state running; to go on: adf drain --end\n',
  },
  {
    title: 'drain --end lets the factory go on',
    argv: ['drain', '--end'],
    asked: [{ end: true, by: 'eva' }],
    out: 'not draining: what is due is started; what comes next: adf next\n',
  },
  {
    title: 'reload shows what changed',
    script: {
      reload: async () => ({
        ...LOADED,
        added: ['demo/new'],
        changed: [{ key: 'demo/steward', fields: ['schedule', 'timeout'] }],
        removed: ['demo/old'],
        warnings: [{ ...PROBLEM, message: 'is accepted, but has no effect yet' }],
      }),
    },
    argv: ['reload'],
    asked: ['eva'],
    out: `agents.toml:14:12  agents[2].cli_tool  warning: is accepted, but has no effect yet
+ demo/new
~ demo/steward: schedule, timeout
- demo/old
loaded: 1 added, 1 changed, 1 removed; what comes next: adf next
`,
  },
  {
    title: 'reload of the same file says so',
    argv: ['reload'],
    asked: ['eva'],
    out: 'loaded; nothing is different\n',
  },
  {
    title: 'reload of a wrong file keeps the last good one and ends with 2',
    script: { reload: async () => ({ ...LOADED, ok: false, errors: [PROBLEM] }) },
    argv: ['reload'],
    asked: ['eva'],
    code: 2,
    out: `agents.toml:14:12  agents[2].cli_tool  unknown driver "cluade" (did you mean "claude"?)
1 error. Nothing was changed; the last good configuration stays in force.
`,
  },
  {
    title: 'breaker trip moves a breaker, with the reason',
    argv: ['breaker', 'trip', 'sandbox', '--reason', 'looks wrong'],
    asked: ['sandbox', 'trip', { by: 'eva', reason: 'looks wrong' }],
    out: `sandbox  open since 10:30:45 · 3 of 3 failures in a row
  10:30:45  project-meta-sandbox agent_failure → adf show r7m1
  issue #4 (adf issues show 4)
to resume: rm .adf/pause/sandbox or adf resume sandbox
`,
  },
  {
    title: 'breaker reset and isolate take no reason for an answer',
    argv: ['breaker', 'isolate', 'demo'],
    asked: ['demo', 'isolate', { by: 'eva', reason: '' }],
    out: `demo  open since 10:30:45 · 3 of 3 failures in a row
  10:30:45  project-meta-sandbox agent_failure → adf show r7m1
  issue #4 (adf issues show 4)
to resume: rm .adf/pause/sandbox or adf resume demo
`,
  },
];

describe('each wish', () => {
  it.each(CASES)('$title', async ({ script, argv, asked, code, out, err }) => {
    const fake = new FakeControl(script);
    expect(await adf(fake, argv)).toEqual({ code: code ?? 0, out, err: err ?? '' });
    expect(fake.calls.map((call) => call.input)).toEqual([asked]);
  });

  it.each(CASES)('$title, in JSON as the daemon says it', async ({ script, argv, code }) => {
    const fake = new FakeControl(script);
    const ended = await adf(fake, [...argv, '--json']);
    expect(ended.code).toBe(code ?? 0);
    const [call] = fake.calls;
    const verb = fake.control[call?.verb as keyof Control] as (...input: readonly unknown[]) => Promise<object>;
    const answer = await verb(...(call?.input ?? []));
    if ('refused' in answer) {
      expect(JSON.parse(ended.err)).toEqual({ error: answer.refused });
    } else {
      expect(JSON.parse(ended.out)).toEqual(answer);
    }
  });
});

it('emit hands over the data of a file as it stands there', async () => {
  const file = join(testFolder(), 'data.json');
  writeFileSync(file, '{"é": 1}\n');
  const fake = new FakeControl();
  await adf(fake, ['emit', 'push', '--data', file]);
  expect(fake.inputs('emit')).toEqual([['push', { key: 'key-1', data: '{"é": 1}\n' }]]);
});

it.each([
  ['emit', ['emit', 'push', '--data', '/nowhere/data'], 'cannot read the data'],
  ['pause', ['pause', 'demo', '--for', 'soon'], 'Write a length of time like 90s, 10m or 1h30m.'],
  ['pause', ['pause', 'demo', '--for', '0s'], 'Write a length of time like 90s, 10m or 1h30m.'],
  ['try', ['try', '--memory', 'much', '--', 'true'], 'Write a size like 256MiB or 2GiB.'],
  ['try', ['try'], 'nothing to try: adf try -- CMD'],
  ['next', ['next', '--for', '10000d'], '--for looks ahead one year at most'],
  ['issues', ['issues', 'show', 'x'], 'Write a whole number from 1 to 999999999.'],
  ['breaker', ['breaker', 'show', 'sandbx'], 'no project is called "sandbx" (did you mean "sandbox"?)'],
  ['issues', ['issues', 'show', '5'], 'there is no issue #5: adf issues lists them'],
])('%s says what is wrong with its arguments (%j)', async (_verb, argv, message) => {
  const ended = await adf(new FakeControl(), argv);
  expect(ended.out).toBe('');
  expect(ended.code).toBeGreaterThan(0);
  expect(ended.err).toContain(message);
});
