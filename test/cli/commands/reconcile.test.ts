// drift, plan and apply: what they ask, what they say, with which code they end.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adf } from '../../support/cli.ts';
import { serveForTest, testFolder } from '../../support/control-socket.ts';
import { FakeControl, refused } from '../../support/fake-control.ts';
import { fakeLocal } from '../../support/fake-local.ts';
import { applyView, CHANGES, driftView, planView, reloadView } from '../../support/reconcile-views.ts';

const CHANGE_LINES = `+ agent repo/new       create
~ agent repo/sentinel  restart   args, env · ends r101 and starts anew
~ agent repo/steward   in place  schedule
- agent repo/old       delete    ends r102
`;
const PROBLEM = { file: 'agents.toml', line: 3, column: 1, key: 'x', message: 'unknown key' };
const BROKEN = { kind: 'broken', errors: [PROBLEM], warnings: [] } as const;
const BROKEN_LINES = `agents.toml:3:1  x  unknown key
1 error. Nothing was changed; the last good configuration stays in force.
`;
const TOO_MANY = { code: 'max_agents', text: '3 agents, at most 2 ([guardrails] max_agents)' } as const;

describe('adf drift', () => {
  it('ends with 0 where nothing differs', async () => {
    expect(await adf(new FakeControl(), ['drift'])).toMatchObject({
      code: 0,
      out: 'No drift detected - state is converged\n8 resources in agents.toml, 8 in force (production)\n',
    });
  });

  it('ends with 4 where something does, and says what', async () => {
    const view = driftView({
      hasDrift: true,
      driftedResources: ['agent repo/new'],
      changes: CHANGES.slice(0, 1),
      last: { at: Date.UTC(2026, 10, 21, 10, 0), by: 'eva', success: false },
    });
    const { code, out } = await adf(new FakeControl({ drift: async () => view }), ['drift']);
    expect(code).toBe(4);
    expect(out).toBe(`Drift detected:
  - agent repo/new

+ agent repo/new  create

8 resources in agents.toml, 8 in force (production) · last: eva at 10:00, in vain · what would be done: adf plan
`);
  });

  it('ends with 2 where agents.toml is broken', async () => {
    expect(await adf(new FakeControl({ drift: async () => BROKEN }), ['drift'])).toMatchObject({
      code: 2,
      out: BROKEN_LINES,
    });
  });
});

describe('adf plan', () => {
  it('says what would be done, and saves it where it is told to', async () => {
    const saved: string[] = [];
    const local = fakeLocal({
      socketPath: async () => '/never',
      savePlan: async (path, text) => void saved.push(path, text),
    });
    const fake = new FakeControl();
    const ended = await adf(fake, ['plan', '-o', 'p.json', '--socket', (await serveForTest(fake.control)).socketPath], {
      local,
    });
    expect(ended).toMatchObject({
      code: 0,
      out: `${CHANGE_LINES}plan f00dfacecafe: 1 to create, 2 to update, 1 to delete, 5 unchanged
to carry out exactly this: adf apply p.json
`,
    });
    expect(saved[0]).toBe('p.json');
    expect(JSON.parse(saved[1] ?? '')).toEqual(planView());
  });

  it('saves nothing that would be refused', async () => {
    const fake = new FakeControl({ plan: async () => planView({ violations: [TOO_MANY] }) });
    expect(await adf(fake, ['plan', '-o', 'p.json'])).toMatchObject({
      code: 1,
      out: `${CHANGE_LINES}this plan would be refused: 1 to create, 2 to update, 1 to delete, 5 unchanged
  3 agents, at most 2 ([guardrails] max_agents)
`,
    });
  });

  it('ends with 2 where agents.toml is broken', async () => {
    expect(await adf(new FakeControl({ plan: async () => BROKEN }), ['plan'])).toMatchObject({ code: 2 });
  });
});

describe('adf apply', () => {
  it('asks for three attempts at whatever the plan is now', async () => {
    const fake = new FakeControl();
    expect(await adf(fake, ['apply'])).toMatchObject({
      code: 0,
      out: `${CHANGE_LINES}Reconciliation successful:
  Created: 1
  Updated: 2
  Deleted: 1
  Unchanged: 5
`,
    });
    expect(fake.inputs('apply')).toEqual([[{ by: 'eva', maxAttempts: 3, plan: null }]]);
  });

  it('asks for a saved plan by what it is known by', async () => {
    const file = join(testFolder(), 'p.json');
    writeFileSync(file, JSON.stringify(planView()));
    const fake = new FakeControl({ apply: async () => refused('plan.stale', 'agents.toml has changed') });
    expect(await adf(fake, ['apply', file, '--max-attempts', '1'])).toMatchObject({
      code: 1,
      err: 'adf: agents.toml has changed\n',
    });
    const plan = { id: 'f00dfacecafe', configHash: '9c1e0a17fedcba98', observedHash: '0123456789abcdef' };
    expect(fake.inputs('apply')).toEqual([[{ by: 'eva', maxAttempts: 1, plan }]]);
  });

  it('says what failed, after how many attempts', async () => {
    const { result } = applyView();
    const errors = ['1 of 4 actions failed', 'agent repo/old: r102: no line'];
    const view = applyView({ changes: [], result: { ...result, success: false, deleted: 0, errors, attempts: 3 } });
    expect(await adf(new FakeControl({ apply: async () => view }), ['apply'])).toMatchObject({
      code: 1,
      out: `Reconciliation failed:
  Created: 1
  Updated: 2
  Deleted: 0
  Unchanged: 5
  Errors:
    - 1 of 4 actions failed
    - agent repo/old: r102: no line
after 3 attempts · what is left: adf drift
`,
    });
  });

  it.each([
    ['no JSON', 'x', 'this file holds no plan'],
    ['something else', '{}', 'this file holds no plan'],
    ['a plan of another version', '{"kind":"plan","version":2}', 'this plan was saved by another version'],
    ['half a plan', '{"kind":"plan","version":1}', 'this plan does not say what it was made from'],
  ])('refuses a file with %s', async (_what, text, message) => {
    const file = join(testFolder(), 'p.json');
    writeFileSync(file, text);
    const fake = new FakeControl();
    const ended = await adf(fake, ['apply', file]);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(message);
    expect(fake.inputs('apply')).toEqual([]);
  });
});

describe('adf reload', () => {
  it('fails when a guardrail says no, and names it', async () => {
    const fake = new FakeControl({ reload: async () => reloadView({ ok: false, violations: [TOO_MANY.text] }) });
    expect(await adf(fake, ['reload'])).toMatchObject({
      code: 1,
      out: `${TOO_MANY.text}
1 guardrail would be broken. Nothing was changed; the last good configuration stays in force.
`,
    });
  });
});
