// The first minutes of a newcomer: both sides of README's first line, the breaker by hand, and one Ctrl-C.

import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FreshMachine, nodes, signalGroup, textOf, until } from '../support/fresh-machine.ts';

interface RunJson {
  readonly id: string;
  readonly agent: string;
  readonly state: string;
  readonly outcome: { readonly kind: string; readonly class?: string } | null;
}

/** The promise of README: so long after `npm start` five runs of three agents have succeeded. */
const FIRST_RUNS_MS = 90_000;
/** Three slots of 15 s, their runs, and a loaded machine. */
const BREAKER_MS = 90_000;
const STEWARD_MS = 90_000;
const STOP_MS = 30_000;

class Newcomer {
  readonly machine: FreshMachine;
  readonly dir: string;

  constructor(machine: FreshMachine, dir: string) {
    this.machine = machine;
    this.dir = dir;
  }

  adf(words: string): string {
    const { code, out } = this.machine.say(`npx adf ${words}`, this.dir);
    expect(code, out).toBe(0);
    return out;
  }

  runs(): readonly RunJson[] {
    return JSON.parse(this.adf('runs --json')) as RunJson[];
  }

  succeeded(): readonly RunJson[] {
    return this.runs().filter((run) => run.outcome?.kind === 'succeeded');
  }
}

describe.each(nodes())('a fresh clone with %s', (_, node) => {
  it('works out of the box, survives a broken sandbox and leaves nothing behind', async () => {
    await using machine = new FreshMachine(node);
    const dir = machine.clone('clone');
    const log = join(machine.dir, 'log');
    const child = machine.start('npm ci && npm start', dir, log);
    const exited = once(child, 'exit');
    await until('the daemon answers', 120_000, () => (existsSync(join(dir, '.adf/adf.sock')) ? true : null));
    const started = Date.now();
    const newcomer = new Newcomer(machine, dir);

    await until('five successful runs by three agents', FIRST_RUNS_MS - (Date.now() - started), () => {
      const done = newcomer.succeeded();
      return done.length >= 5 && new Set(done.map((run) => run.agent)).size >= 3 ? true : null;
    });
    expect(newcomer.adf('status')).toMatch(/PROJECT.*STATE/);
    expect(newcomer.adf('why steward')).toContain('every gate says yes');

    await Promise.all([followsACommit(newcomer), walksThroughTheBreaker(newcomer)]);

    signalGroup(child, 'SIGINT');
    await exited;
    expect(textOf(log)).toMatch(/stopped · \d+ runs recorded · nothing left running/);
    await until('no process is left', STOP_MS, () => (machine.processes().length === 0 ? true : null));
    expect(socketsIn(join(dir, '.adf'))).toEqual([]);
  });
});

async function followsACommit(newcomer: Newcomer): Promise<void> {
  const subject = `Tell the steward ${newcomer.dir.length}`;
  execFileSync('git', ['-C', newcomer.dir, 'commit', '--quiet', '--allow-empty', '-m', subject]);
  await until('the steward tells of the new commit', STEWARD_MS, () => {
    const run = newcomer.succeeded().find((one) => one.agent === 'repo/steward');
    return run !== undefined && newcomer.adf(`show ${run.id}`).includes(subject) ? true : null;
  });
}

/** The walk-through of README, step by step. */
async function walksThroughTheBreaker(newcomer: Newcomer): Promise<void> {
  const flag = join(newcomer.dir, '.adf/pause/sandbox');
  const broken = join(newcomer.dir, '.adf/sandbox/break-me');
  writeFileSync(broken, '');
  await until('the breaker writes its flag', BREAKER_MS, () => (existsSync(flag) ? true : null));
  expect(textOf(flag)).toContain('3 failures in a row, limit 3');
  const issue = await until('the issue is open', 15_000, () => {
    const text = newcomer.adf('issues');
    return text.includes('[ADF] project sandbox paused') ? text : null;
  });
  expect(issue).toContain('agent_failure ×3');
  expect(newcomer.adf('why project-meta-sandbox')).toContain('project.paused');
  expect(newcomer.adf('why steward')).toContain('every gate says yes');

  rmSync(broken);
  rmSync(flag);
  await until('the breaker closes', BREAKER_MS, () =>
    newcomer.adf('breaker show sandbox').includes('closed') ? true : null,
  );
  await until('the issue is closed', 15_000, () => {
    const text = newcomer.adf('issues');
    return !text.includes('[ADF] project sandbox paused') || text.includes('closed') ? true : null;
  });
}

function socketsIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSocket())
    .map((entry) => entry.name);
}
