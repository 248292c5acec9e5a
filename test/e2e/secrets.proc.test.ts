// Agents get the secrets that they name, and no file of the state directory ever tells one: not by output, error or path.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunView } from '../../src/ports/control.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

const SECRETS = { FILE_TOKEN: 'planted/in-a-file_7f3a', ENV_TOKEN: 'planted-in an env file 9c1e' };

const agent = (name: string, lines: string): string =>
  `[[agents]]\nname = "${name}"\nlayer = "Growth"\nworking_dir = "work"\nsecrets = ["FILE_TOKEN", "ENV_TOKEN"]\n${lines}\n`;

const TOML = `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"

[secrets]
env_file = "./secrets.env"
files = { FILE_TOKEN = "./file-token" }

${agent('prints', 'cli_tool = "sh"\ntask = "echo out $FILE_TOKEN; echo err $ENV_TOKEN >&2; printf %s $FILE_TOKEN >got; exit 3"')}
${agent('asks', 'cli_tool = "true"\npre_check = { kind = "shell", script = "echo broken $ENV_TOKEN; exit 9" }')}
${agent('is-lost', 'cli_tool = "./planted/in-a-file_7f3a"')}
${agent('waits', 'cli_tool = "sh"\ntask = "echo $FILE_TOKEN; echo $ENV_TOKEN; exec sleep 100"')}

[[agents]]
name = "unnamed"
layer = "Growth"
working_dir = "work"
cli_tool = "sh"
task = "echo [$FILE_TOKEN$ENV_TOKEN]"
`;

let dir = '';
let factory: Factory;

beforeEach(async () => {
  dir = testFolder();
  mkdirSync(join(dir, 'work'));
  writeFileSync(join(dir, 'file-token'), `${SECRETS.FILE_TOKEN}\n`, { mode: 0o600 });
  writeFileSync(join(dir, 'secrets.env'), `ENV_TOKEN="${SECRETS.ENV_TOKEN}"\n`, { mode: 0o600 });
  factory = await startFactory(dir, TOML);
});

afterEach(async () => {
  await factory.stop();
  removeFolder(dir);
});

/** Every file below the state directory that holds a secret now. */
function leaks(): readonly string[] {
  const state = join(dir, 'state');
  const names = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => Object.values(SECRETS).some((secret) => readFileSync(path).includes(secret)));
}

async function ask(name: string): Promise<string> {
  const reply = await factory.daemon.control.run(name, { key: randomUUID() });
  if ('refused' in reply) {
    throw new Error(reply.refused.message);
  }
  return reply.run.id;
}

async function run(name: string): Promise<{ readonly run: RunView; readonly printed: string }> {
  const id = await ask(name);
  await factory.fact((fact) => fact.kind === 'run.ended' && fact.run === id);
  const shown = await factory.daemon.control.show(id);
  if ('refused' in shown) {
    throw new Error(shown.refused.message);
  }
  return { run: shown.run, printed: shown.output.tail };
}

it('gives an agent what it names and tells nobody else', async () => {
  const { run: ended, printed } = await run('prints');

  expect(readFileSync(join(dir, 'work/got'), 'utf8')).toBe(SECRETS.FILE_TOKEN);
  expect(printed).toMatch(/out \[redacted\]\**\nerr \[redacted\]\**\n/);
  expect(ended.outcome).toMatchObject({ kind: 'failed', class: 'agent_failure' });
  expect((await run('unnamed')).printed).toBe('[]\n');
  expect(leaks()).toEqual([]);
});

it('tells no secret in the answer of a pre-check, nor in a start that failed', async () => {
  const broken = await run('asks');
  const lost = await run('is-lost');

  expect(broken.run.outcome).toMatchObject({ reason: expect.stringContaining('broken [redacted]') as string });
  expect(lost.run.outcome).toMatchObject({ reason: expect.stringContaining('[redacted]') as string });
  expect(leaks()).toEqual([]);
});

it('covers what a running agent prints, while it runs', async () => {
  const id = await ask('waits');
  const path = join(dir, 'state/out', `${id}.1.out`);
  const text = (): string => readFileSync(path, 'utf8');
  await factory.fact((fact) => fact.kind === 'attempt.started' && fact.run === id);

  await expect.poll(() => text().match(/\[redacted\]/g)?.length, { timeout: 15_000 }).toBe(2);
  expect(leaks()).toEqual([]);
});

it('says in one sentence why a secret cannot be given', async () => {
  writeFileSync(join(dir, 'secrets.env'), 'OTHER=nothing');

  expect((await run('unnamed')).run.outcome).toMatchObject({ kind: 'succeeded' });
  expect((await run('prints')).run.outcome).toEqual({
    kind: 'failed',
    class: 'setup',
    reason: `prints names the secret ENV_TOKEN, and ${join(dir, 'secrets.env')} does not hold it`,
  });
});
