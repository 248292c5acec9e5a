// `adf try` beside a factory that runs: the same flags, a record of its own, and one at a time.

import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TryView } from '../../src/cli/local.ts';
import { tries } from '../../src/main/tries.ts';
import { tryOnce } from '../../src/main/try.ts';
import { WholeFactory } from '../support/whole-factory.ts';

const FLEET = `
[[projects]]
id = "web"

[[agents]]
name = "worker"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

const ADF = join(import.meta.dirname, '../../bin/adf');
const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };

async function tried(factory: WholeFactory, script: string, onOutput: (text: string) => void): Promise<TryView> {
  const limits = { memoryBytes: 64 * 1024 ** 2, wallMs: 20_000, cpuMs: null };
  const wish = { config: factory.config, driver: null, task: null, command: ['sh', '-c', script], project: 'web' };
  return tryOnce({ ...wish, ...limits }, { onOutput, interrupt: new AbortController().signal });
}

it('makes its run, tells what it prints, and leaves the factory and its record alone', async () => {
  await using factory = await WholeFactory.start(FLEET);
  let said = '';
  const second = Promise.withResolvers<string>();
  const onOutput = (text: string): void => {
    said += text;
    // The lease knows processes, so another try is another process.
    execFile('sh', [ADF, 'try', '--config', factory.config, '--', 'true'], { env }, (_error, _out, err) => {
      writeFileSync(join(factory.dir, 'go'), '');
      second.resolve(err);
    });
  };

  const view = await tried(
    factory,
    `echo hello; while [ ! -e ${factory.dir}/go ]; do sleep 0.02; done; exit 3`,
    onOutput,
  );

  expect([said, view.run.outcome, view.run.exit?.code]).toEqual([
    'hello\n',
    { kind: 'failed', class: 'agent_failure', reason: 'exit 3' },
    3,
  ]);
  expect(view.toml).toContain('max_memory_bytes = "64MiB"\ntimeout = "20s"');
  expect(await second.promise).toContain('another adf try is under way here: wait for its end');
  expect((await factory.adf('runs', '--json')).out).toBe('[]\n');
  expect(tries({ config: factory.config }, { limit: 5 })).toEqual([view.run]);
  expect(tries({ config: factory.config }, { limit: 5, outcome: 'succeeded' })).toEqual([]);
  expect((await factory.adf('status')).code).toBe(0);
});

it('is refused while the project is paused, and starts nothing', async () => {
  await using factory = await WholeFactory.start(FLEET);
  writeFileSync(join(factory.dir, '.adf/pause/web'), '');

  const refused = await tried(factory, `touch ${factory.dir}/ran`, () => undefined).catch((error: unknown) => error);

  expect(String(refused)).toMatch(/project\.paused: .*\.adf\/pause\/web exists/);
  expect(existsSync(join(factory.dir, 'ran'))).toBe(false);
});
