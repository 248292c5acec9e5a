// What a service logs: a line for each fact worth one, with fields to search by, without secrets or the agents' own words.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WholeFactory } from '../support/whole-factory.ts';

const SECRET = 'correct-horse-battery-7';
const FLEET = `
[[projects]]
id = "web"
env = { WEB_PASSWORD = "${SECRET}" }
breaker = { agents = ["*"], threshold = 1 }

[[agents]]
name = "fails"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

type Line = Readonly<Record<string, string | number>>;

it('logs facts as JSON with their run, agent, project and reason', async () => {
  await using factory = await WholeFactory.start(FLEET, {}, 'json');
  factory.host.script(() => ({ endsAfterMs: 0, code: 1, output: 'the last words of an agent\n' }));
  const lines = (): readonly Line[] => factory.lines.map((line) => JSON.parse(line) as Line);
  const logged = async (msg: string): Promise<Line> =>
    factory.until(`a line ${msg}`, () => lines().find((line) => line['msg'] === msg) ?? null);

  await factory.adf('run', 'fails');

  expect(await logged('factory.started')).toMatchObject({ level: 'info', agents: 1, projects: 1 });
  expect(await logged('attempt.started')).toMatchObject({ level: 'info', agent: 'web/fails', project: 'web' });
  expect(await logged('run.ended')).toMatchObject({ level: 'error', project: 'web', outcome: 'failed' });
  expect((await logged('run.ended'))['reason']).toMatch(/agent_failure: exit 1/);
  expect((await logged('breaker.opened'))['reason']).toMatch(/1 failure/);
  expect(factory.lines.join('\n')).not.toContain('last words');
});

it('redacts what it knows to be secret, in warnings too', async () => {
  await using factory = await WholeFactory.start(FLEET, {}, 'json');
  writeFileSync(join(factory.dir, SECRET), '');
  factory.configure(FLEET, `pause_dir = "${SECRET}/flags"`);

  await factory.adf('reload');

  const line = await factory.until('a problem', () => factory.lines.find((one) => one.includes('problem')) ?? null);
  expect(line).toContain('[redacted]');
  expect(factory.lines.join('\n')).not.toContain(SECRET);
});
