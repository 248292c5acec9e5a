// The whole sentence: agents.toml → slot → admission → start with limits → exit row → failure counter → flag → issue →
// the next slot refused → flag removed → the next slot runs → closed, issue closed.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ProjectId } from '../../src/core/ids.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

const TOML = `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"

[[projects]]
id = "sandbox"
working_dir = "."

[[projects]]
id = "other"
working_dir = "."

[[agents]]
name = "project-meta-sandbox"
project = "sandbox"
layer = "Core"
schedule = "* * * * * *"
cli_tool = "sh"
task = "if [ -e break-me ]; then echo 'break-me exists: failing as asked'; exit 1; fi; echo fine"
max_memory_bytes = "256MiB"
timeout = "20s"

[[agents]]
name = "neighbour"
project = "other"
layer = "Core"
schedule = "* * * * * *"
cli_tool = "sh"
task = "echo hello"
max_memory_bytes = "64MiB"
`;

let factory: Factory | null = null;
let dir = '';

afterEach(async () => {
  await factory?.stop();
  factory = null;
  removeFolder(dir);
});

it('carries the whole sentence from agents.toml to a closed issue', async () => {
  dir = testFolder();
  factory = await startFactory(dir, TOML);
  const { house } = factory;
  const fact: Factory['fact'] = factory.fact;
  const sandbox = 'sandbox' as ProjectId;
  const isMeta = (candidate: { readonly agent?: string }): boolean =>
    candidate.agent === 'sandbox/project-meta-sandbox';

  // A slot is admitted, started with limits, and its end is a row.
  const first = await fact((one) => one.kind === 'run.ended' && isMeta(one));
  const run = house.ledger.runs.get(first.run ?? ('' as never));
  expect(run).toMatchObject({
    state: 'ended',
    outcome: { kind: 'succeeded' },
    exit: { code: 0, signal: null },
    trigger: { kind: 'slot' },
  });
  expect(['sampled', 'kernel']).toContain(run?.enforcement?.memory);

  // Three failures in a row trip the breaker: one flag, one issue.
  writeFileSync(join(dir, 'break-me'), '');
  const opened = await fact((one) => one.kind === 'breaker.opened', first.seq);
  const flag = join(dir, 'state', 'pause', 'sandbox');
  const written = await fact((one) => one.kind === 'reaction.done' && one.target === 'flag', opened.seq);
  expect(readFileSync(flag, 'utf8')).toContain('3 failures in a row, limit 3: agent_failure');
  await fact((one) => one.kind === 'reaction.done' && one.target === 'tracker', opened.seq);
  const open = house.ledger.issues.list({ project: null, state: 'open', limit: 10 });
  expect(open.map((issue) => issue.title)).toEqual([
    '[ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)',
  ]);

  // The next slot is refused and says why; the neighbour goes on.
  const refused = await fact((one) => one.kind === 'slots.refused' && isMeta(one), written.seq);
  expect(refused.kind === 'slots.refused' ? refused.reasons.map((reason) => reason.code) : []).toContain(
    'project.paused',
  );
  await fact((one) => one.kind === 'run.ended' && one.agent === 'other/neighbour', refused.seq);
  expect(
    factory.facts.filter((one) => one.kind === 'attempt.starting' && isMeta(one) && one.seq > written.seq),
  ).toEqual([]);

  // The operator removes the cause and the flag: the next slot runs, the breaker closes, the issue is closed.
  rmSync(join(dir, 'break-me'));
  rmSync(flag);
  const lifted = await fact((one) => one.kind === 'pause.lifted', refused.seq);
  const again = await fact((one) => one.kind === 'run.ended' && isMeta(one), lifted.seq);
  expect(again).toMatchObject({ outcome: { kind: 'succeeded' } });
  await fact((one) => one.kind === 'breaker.closed', lifted.seq);
  await fact((one) => one.kind === 'reaction.done' && one.note.includes('closed'), lifted.seq);
  expect(house.ledger.states.get('breaker', sandbox)).toMatchObject({ kind: 'closed' });
  expect(house.ledger.issues.list({ project: null, state: 'open', limit: 10 })).toEqual([]);
  expect(existsSync(flag)).toBe(false);
});
