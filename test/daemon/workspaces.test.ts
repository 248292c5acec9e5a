// A folder for each run: made before its start, gone on with after each death of the daemon, tidied up afterwards.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import type { Attempt, AttemptPurpose, Run } from '../../src/core/run/run.ts';
import type { Workspace } from '../../src/core/workspace/workspace.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { FakeBehaviour } from '../support/fake-host.ts';

const WORKER = 'web/worker';
const DAY_MS = 86_400_000;
const PURPOSES: Partial<Record<Run['state'], AttemptPurpose>> = {
  prechecking: 'precheck',
  preparing: 'workspace',
  starting: 'main',
  ended: 'tidy',
};

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(agent = '', over = ''): Promise<void> {
  rig = await DaemonRig.start({
    toml: `
[factory]
${over}

[[projects]]
id = "web"
working_dir = "/repo"

[[agents]]
name = "worker"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
workspace = "worktree"
${agent}
`,
  });
}

/** What attempts of each purpose do; the rest ends well at once. */
function does(by: Partial<Record<AttemptPurpose, FakeBehaviour>>): void {
  rig.script(WORKER, (run) => by[PURPOSES[run.state] ?? 'main'] ?? { endsAfterMs: 0 });
}

const KEPT: FakeBehaviour = { endsAfterMs: 0, output: 'KiB 4\n' };
const FAILS: FakeBehaviour = { endsAfterMs: 0, code: 1 };

function theRun(): Run {
  const [run] = rig.ledger.runs.list({ agent: WORKER as AgentKey, limit: 1 });
  if (run === undefined) {
    throw new Error('nothing was asked for');
  }
  return run;
}

function attempts(): readonly Attempt[] {
  return rig.ledger.attempts.ofRun(theRun().id);
}

/** Attempts that reached the host, in order: what for, and where. */
function started(): readonly string[] {
  const purposes = new Map(attempts().map(({ id, purpose }) => [id, purpose]));
  return rig.host.starts.map(({ spec }) => `${purposes.get(spec.attemptId) ?? '?'} ${spec.cwd}`);
}

function workspace(id: RunId = theRun().id): Workspace | null {
  return rig.ledger.workspaces.get(id);
}

/** Until the workspace of the last run is `state`, and nothing is under way. */
async function stands(state: Workspace['state'], withinMs?: number): Promise<void> {
  await rig.until(() => workspace()?.state === state && rig.ledger.attempts.open().length === 0, withinMs);
}

describe('a run in a worktree', () => {
  it('works in a folder that was made for it, and the folder goes after a success', async () => {
    await factory();
    const run = await rig.run(WORKER);
    await stands('gone');
    const path = workspace()?.path ?? '';
    expect(run?.outcome?.kind).toBe('succeeded');
    expect(started()).toEqual(['workspace /', `main ${path}`, 'tidy /']);
    expect(path.startsWith(join(rig.dir, 'workspaces/web/'))).toBe(true);
    expect(existsSync(join(rig.dir, 'workspaces/web'))).toBe(true);
    expect(rig.factsOf('workspace.ready')).toMatchObject([{ path, branch: workspace()?.branch }]);
    expect(rig.factsOf('workspace.gone')).toMatchObject([{ path }]);
  });

  it('is shown with folder and branch, and with what the agent said, not what tidying up did', async () => {
    await factory();
    does({ main: { ...FAILS, output: 'no way\n' }, tidy: KEPT });
    const run = await rig.run(WORKER);
    await stands('kept');
    const detail = await rig.command(async (control) => control.show(run?.id ?? ''));
    const { path, branch } = workspace() ?? {};
    expect(detail).toMatchObject({
      run: { workspace: { kind: 'worktree', path, branch, state: 'kept', bytes: 4096 } },
      output: { tail: 'no way\n' },
    });
    expect(branch).toMatch(/^adf\/worker\/r/);
  });

  it('gives the agent of a further attempt the folder of the first', async () => {
    await factory('retry = { max = 1, backoff = "1s" }');
    does({ main: FAILS, tidy: KEPT });
    await rig.run(WORKER);
    await stands('kept');
    const path = workspace()?.path ?? '';
    expect(started()).toEqual(['workspace /', `main ${path}`, `main ${path}`, 'tidy /']);
  });

  it("asks its pre-check first, in the agent's own folder", async () => {
    await factory('pre_check = { kind = "shell", script = "true" }');
    await rig.run(WORKER);
    await stands('gone');
    expect(started().slice(0, 3)).toEqual(['precheck /repo', 'workspace /', `main ${workspace()?.path ?? ''}`]);
  });

  it.each([
    {
      what: 'git says no',
      making: { endsAfterMs: 0, code: 128, output: 'fatal: dubious' },
      is: 'setup',
      says: /dubious/,
    },
    { what: 'origin does not answer', making: { endsAfterMs: 0, code: 75 }, is: 'network', says: /exit 75/ },
    {
      what: 'it was never started',
      making: { refuse: { kind: 'did_not_start', cause: 'host', message: 'no fork' } },
      is: 'did_not_start',
      says: /no fork/,
    },
  ] as const)('fails without having begun where $what', async ({ making, is, says }) => {
    await factory();
    does({ workspace: making });
    const run = await rig.run(WORKER);
    expect(run?.outcome).toMatchObject({ kind: 'failed', class: is, reason: expect.stringMatching(says) as string });
    await stands('gone');
    expect(started().filter((start) => start.startsWith('main'))).toEqual([]);
  });
});

describe('while the workspace is being made', () => {
  it('a flag that is touched keeps the agent from starting', async () => {
    await factory();
    does({ workspace: {}, tidy: KEPT });
    await rig.ask(WORKER);
    await rig.until(() => rig.host.live().length === 1);
    expect(theRun().state).toBe('preparing');
    rig.setFlag('web', true);
    rig.host.exitAll();
    await rig.until(() => theRun().state === 'ended');
    expect(theRun().outcome).toMatchObject({ kind: 'refused', reasons: [{ code: 'project.paused' }] });
    const stuck = await rig.until(() => rig.factsOf('workspace.stuck')[0]);
    expect(stuck?.message).toContain('tidied up later');
    expect([started(), workspace()?.state]).toEqual([['workspace /'], 'ready']);
    rig.setFlag('web', false);
    await stands('kept');
  });

  it('a person cancels it, and it is tidied up', async () => {
    await factory();
    does({ workspace: {} });
    await rig.ask(WORKER);
    await rig.until(() => rig.host.live().length === 1);
    await rig.command(async (control) => control.cancel(theRun().id));
    await stands('gone');
    expect([theRun().outcome?.kind, started()]).toEqual(['canceled', ['workspace /', 'tidy /']]);
  });
});

/** Where the daemon dies, and what was started by then and afterwards. */
const DEATHS = [
  { when: 'before the host was asked for the workspace', moment: 'start', at: 1 },
  { when: 'after the host was asked for the workspace', moment: 'start answered', at: 1 },
  { when: 'before the host was asked for the agent', moment: 'start', at: 2 },
  { when: 'after the host was asked for the agent', moment: 'start answered', at: 2 },
  { when: 'before the host was asked to tidy up', moment: 'start', at: 3 },
  { when: 'after the host was asked to tidy up', moment: 'start answered', at: 3 },
] as const;

describe('a daemon that dies', () => {
  it.each(DEATHS)('$when: one main attempt, and nothing is left', async ({ moment, at }) => {
    await factory();
    let seen = 0;
    rig.killWhen((now) => now === moment && (seen += 1) === at);
    await rig.ask(WORKER);
    await rig.until(() => rig.isDead);
    await rig.restart();
    await rig.until(() => theRun().state === 'ended');
    await stands('gone');
    const mains = attempts().filter(({ purpose, startedAt }) => purpose === 'main' && startedAt !== null);
    expect([theRun().outcome?.kind, mains.length]).toEqual(['succeeded', 1]);
  });

  it('while the workspace is made goes on with it, and starts the agent once', async () => {
    await factory();
    does({ workspace: {} });
    await rig.ask(WORKER);
    await rig.until(() => rig.host.live().length === 1);
    await rig.restart();
    expect(theRun().state).toBe('preparing');
    rig.host.exitAll();
    await stands('gone');
    expect(started()).toEqual(['workspace /', `main ${workspace()?.path ?? ''}`, 'tidy /']);
  });

  it('together with its host makes the workspace anew, under the same name', async () => {
    await factory();
    does({ workspace: {} });
    await rig.ask(WORKER);
    await rig.until(() => rig.host.live().length === 1);
    const before = workspace();
    rig.host.die();
    await rig.restart();
    does({});
    rig.host.exitAll({ hostDied: true, code: null });
    await stands('gone');
    expect(workspace()?.path).toBe(before?.path);
    expect([theRun().outcome?.kind, started().slice(0, 2)]).toEqual(['succeeded', ['workspace /', 'workspace /']]);
  });
});

describe('the janitor', () => {
  it('keeps the folder of a failed run for workspace_retention, not a moment longer', async () => {
    await factory('', 'workspace_retention = "2d"');
    does({ main: FAILS, tidy: KEPT });
    await rig.run(WORKER);
    await stands('kept');
    does({});
    await rig.leap(2 * DAY_MS - 3_600_000);
    await rig.pass(60_000);
    expect(workspace()?.state).toBe('kept');
    await rig.leap(3_600_000);
    await stands('gone', 2 * 3_600_000);
  });

  it('takes the oldest when what is kept takes more than workspace_max_total', async () => {
    await factory('', 'workspace_max_total = "9KiB"');
    does({ main: FAILS, tidy: KEPT });
    const runs: RunId[] = [];
    for (let number = 0; number < 2; number += 1) {
      const run = await rig.run(WORKER);
      await stands('kept');
      runs.push(run?.id as RunId);
      await rig.pass(1000);
    }
    does({ main: FAILS, tidy: { endsAfterMs: 0, output: 'KiB 2\n' } });
    runs.push((await rig.run(WORKER))?.id as RunId);
    await stands('kept');
    does({ tidy: {} });
    await rig.until(() => rig.host.live().length === 1);
    does({});
    rig.host.exitAll();
    await rig.pass(10_000);
    expect(runs.map((id) => workspace(id)?.state)).toEqual(['gone', 'kept', 'kept']);
  });

  it('tries again what could not be tidied up, later each time, and says so', async () => {
    await factory();
    does({ tidy: { endsAfterMs: 0, code: 1, output: 'what it left could not be committed' } });
    await rig.run(WORKER);
    await rig.until(() => workspace()?.failures === 2);
    const [first, second] = rig.factsOf('workspace.stuck');
    expect(first).toMatchObject({ message: 'what it left could not be committed' });
    expect([(first?.retryAt ?? 0) - (first?.at ?? 0), (second?.retryAt ?? 0) - (second?.at ?? 0)]).toEqual([
      60_000, 240_000,
    ]);
    does({});
    await stands('gone', 600_000);
    expect(workspace()?.failures).toBe(0);
  });

  it('tidies up after an agent that is no longer in agents.toml', async () => {
    await factory();
    does({ main: {} });
    await rig.ask(WORKER);
    await rig.until(() => theRun().state === 'running');
    await rig.reload('[[agents]]\nname = "other"\nlayer = "Growth"\ncli_tool = "true"\n');
    rig.host.exitAll();
    await stands('gone');
  });
});
