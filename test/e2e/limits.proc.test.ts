// Each limit ends the agent that crosses it, with its own label and the numbers, while its sibling and the daemon go on.

import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/ports/control.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

/** What the issue allows between the limit and the end of an agent that obeys. */
const WITHIN_MS = 3000;

const ALLOCATOR = 'let a = []; for (;;) a.push(Buffer.alloc(1_000_000, 1));';
const WRITER = [
  'const fs = require("fs"); const line = Buffer.from("x".repeat(99_998) + "\\n");',
  'fs.writeSync(1, "first line\\n"); for (let i = 0; i < 2000; i++) fs.writeSync(1, line);',
  'fs.writeSync(1, "last line\\n");',
].join(' ');

const agent = (name: string, lines: string): string =>
  `[[agents]]\nname = "${name}"\nproject = "p"\nlayer = "Growth"\nworking_dir = "."\n${lines}\n`;
const node = (program: string): string => `cli_tool = "node"\nargs = ["-e", ${JSON.stringify(program)}]`;

const TOML = `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"
max_concurrent_agents = 20

[[projects]]
id = "p"
working_dir = "."
max_concurrent_agents = 20

${agent('sibling', 'cli_tool = "sh"\ntask = "while :; do echo tick; sleep 0.2; done"')}
${agent('allocator', `${node(ALLOCATOR)}\nmax_memory_bytes = "256MiB"`)}
${agent('burner', 'cli_tool = "sh"\ntask = "(while :; do :; done) & (while :; do :; done) & (while :; do :; done) & wait"\nmax_cpu_seconds = 2')}
${agent('sleeper', 'cli_tool = "sleep"\nargs = ["1000"]\ntimeout = "1s"')}
${agent('deaf', 'cli_tool = "sh"\ntask = "trap \\"\\" TERM INT; while :; do sleep 0.1; done"\ntimeout = "1s"\ngrace_period_secs = 5')}
${agent('writer', `${node(WRITER)}\nmax_output = "8MiB"\nmax_output_rate = "1GB"\nmax_memory_bytes = "512MiB"`)}
`;

let factory: Factory;
let dir = '';

beforeEach(async () => {
  dir = testFolder();
  factory = await startFactory(dir, TOML);
});

afterEach(async () => {
  await factory.stop();
  removeFolder(dir);
});

async function start(name: string): Promise<string> {
  const reply = await factory.daemon.control.run(name, { key: name });
  if ('refused' in reply) {
    throw new Error(reply.refused.message);
  }
  await factory.fact((fact) => fact.kind === 'attempt.started' && fact.run === reply.run.id);
  return reply.run.id;
}

async function ended(run: string): Promise<RunView> {
  await factory.fact((fact) => fact.kind === 'run.ended' && fact.run === run);
  const detail = await factory.daemon.control.show(run);
  if ('refused' in detail) {
    throw new Error(detail.refused.message);
  }
  return detail.run;
}

const took = (run: RunView): number => (run.endedAt ?? 0) - (run.startedAt ?? 0);

describe('limits', () => {
  it('end each agent by its own label while its sibling goes on', async () => {
    const sibling = await start('sibling');
    const runs = await Promise.all(['allocator', 'burner', 'sleeper'].map(start));

    const [allocator, burner, sleeper] = await Promise.all(runs.map(ended));

    expect(allocator?.outcome).toMatchObject({ kind: 'failed', class: 'oom' });
    expect(allocator?.outcome?.reason).toMatch(/memory 256 MiB/);
    expect(burner?.outcome).toMatchObject({ kind: 'timed_out', class: 'cpu' });
    expect(burner?.outcome?.reason).toMatch(/limit 2 s/);
    expect(sleeper?.outcome).toMatchObject({ kind: 'timed_out', class: 'wall' });
    expect(sleeper === undefined ? 0 : took(sleeper)).toBeLessThan(1000 + WITHIN_MS);
    expect(allocator?.enforcement?.memory).toMatch(/sampled|kernel/);
    expect(factory.daemon.services.recorder.storageFailure).toBeNull();
    expect(factory.house.ledger.runs.get(sibling as never)?.state).toBe('running');
  });

  it('kill one that ignores TERM 2 s after its grace at the latest', async () => {
    const deaf = await ended(await start('deaf'));

    expect(deaf.outcome).toMatchObject({ kind: 'timed_out', class: 'wall' });
    expect(deaf.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(took(deaf)).toBeGreaterThanOrEqual(6000);
    expect(took(deaf)).toBeLessThan(6000 + 2000);
  });

  it('cut the middle out of 200 MB, with first and last line whole', async () => {
    const writer = await ended(await start('writer'));

    const detail = await factory.daemon.control.show(writer.id);
    expect(writer.outcome).toEqual({ kind: 'succeeded' });
    if ('refused' in detail) {
      throw new Error(detail.refused.message);
    }
    const path = detail.attempts[0]?.outPath ?? '';
    expect(statSync(path).blocks * 512).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(detail.output.tail.trimEnd().split('\n').at(-1)).toBe('last line');
    const first = await factory.daemon.control.logs(writer.id, 0, 'out');
    expect('text' in first ? first.text.split('\n')[0] : '').toBe('first line');
  });
});
