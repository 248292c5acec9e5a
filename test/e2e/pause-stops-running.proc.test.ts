// A pause leaves running agents alone, unless the project asks for more.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

const project = (id: string, rule: string): string => `
[[projects]]
id = "${id}"
working_dir = "."
[projects.breaker]
agents = ["*"]
${rule}

[[agents]]
name = "sleeper"
project = "${id}"
layer = "Safety"
cli_tool = "sh"
task = "exec sleep 60"
max_memory_bytes = "64MiB"
grace_period_secs = 5
`;

const TOML = `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"
${project('strict', 'pause_stops_running = true')}
${project('lenient', '')}
`;

let factory: Factory | null = null;
let dir = '';

afterEach(async () => {
  await factory?.stop();
  factory = null;
  removeFolder(dir);
});

it('ends the runs of a paused project with pause_stops_running, and no others', async () => {
  dir = testFolder();
  factory = await startFactory(dir, TOML);
  const { fact, house } = factory;
  await fact((one) => one.kind === 'attempt.started' && one.agent === 'strict/sleeper');
  await fact((one) => one.kind === 'attempt.started' && one.agent === 'lenient/sleeper');
  for (const id of ['strict', 'lenient']) {
    writeFileSync(join(dir, 'state', 'pause', id), '');
  }
  const ended = await fact((one) => one.kind === 'run.ended');
  expect(ended).toMatchObject({ agent: 'strict/sleeper', outcome: { kind: 'canceled', by: 'paused' } });
  expect(house.ledger.runs.live().map((run) => run.agent)).toEqual(['lenient/sleeper']);
});
