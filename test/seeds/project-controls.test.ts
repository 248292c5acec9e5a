import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fileFlags } from '../../src/adapters/pause-flags/files.ts';
import { KEYS } from '../../src/config/schema.ts';
import { NO_FAILURES, recordFailure, recordSuccess, threshold } from '../../src/core/breaker/failure-count.ts';
import { DEFAULT_COUNTED, isCounted } from '../../src/core/breaker/policy.ts';
import { FACTORY_FLAG, isProjectPaused, sortFlagNames } from '../../src/core/pause/flag.ts';
import type { ProjectId } from '../../src/core/ids.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { countsForBreaker, treatmentOf, treatmentTable } from '../../src/core/run/failure-class.ts';
import type { Ending } from '../../src/core/run/failure-class.ts';
import type { PauseFlags } from '../../src/ports/pause-flags.ts';
import { BreakerWorld, breakerRule } from '../support/breaker-world.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { fleetOf } from '../support/load-config.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const ODILO = 'odilo' as ProjectId;
const TERRAPHIM = 'terraphim' as ProjectId;
/** Every way to end, as the table in README names them. */
const ENDINGS = [...treatmentTable().matchAll(/^\| `(\w+)`/gm)].map(([, ending]) => ending as Ending);

let root: string;
let flags: PauseFlags;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'adf-seeds-'));
  flags = fileFlags({ dir: path.join(root, 'deep', 'er', 'pause'), clock: new ManualTimers(), fileWatching: false });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const paused = (project: ProjectId | null): boolean => isProjectPaused(project, (name) => flags.stat(name));
const flagByHand = (name: string): void => {
  mkdirSync(flags.dir, { recursive: true });
  writeFileSync(flags.path(name), '');
};

describe('project controls: the pause flag', () => {
  it('P1 without a flag file the project is not paused (case 1)', () => {
    flags.prepare();
    expect(paused(ODILO)).toBe(false);
  });

  it('P1 with <pause_dir>/<project id> it is paused until the file is removed (case 2)', () => {
    flagByHand('odilo');
    expect(paused(ODILO)).toBe(true);
    rmSync(flags.path('odilo'));
    expect(paused(ODILO)).toBe(false);
  });

  it('P3 an empty flag pauses like any other: its existence is the signal', () => {
    flagByHand('odilo');
    expect(readFileSync(flags.path('odilo'), 'utf8')).toBe('');
    expect(paused(ODILO)).toBe(true);
  });

  it('P4 an agent without a project is not paused, not even by a flag called __global__ (case 4)', () => {
    flagByHand('__global__');
    expect(paused(null)).toBe(false);
  });

  it('P4 (departure) __all__ stops everybody, agents without a project too', () => {
    flagByHand(FACTORY_FLAG);
    expect([paused(null), paused(ODILO)]).toEqual([true, true]);
  });

  it("P5 one project's flag does not touch another (case 3)", () => {
    flagByHand('odilo');
    expect([paused(ODILO), paused(TERRAPHIM)]).toEqual([true, false]);
  });

  it('P6 touchPauseFlag creates missing parent folders (case 5)', async () => {
    expect(existsSync(path.join(root, 'deep'))).toBe(false);
    await flags.touchPauseFlag({ name: ODILO, text: 'why', own: null });
    expect(paused(ODILO)).toBe(true);
  });

  it('P7 touchPauseFlag never truncates what is there', async () => {
    flagByHand('odilo');
    writeFileSync(flags.path('odilo'), "a person's words");
    await flags.touchPauseFlag({ name: ODILO, text: 'why', own: { incident: 'i1', stampAt: 1 } });
    expect(readFileSync(flags.path('odilo'), 'utf8')).toBe("a person's words");
  });

  it('P8 touchPauseFlag answers the path, and an error reaches the caller', async () => {
    expect(await flags.touchPauseFlag({ name: ODILO, text: '', own: null })).toMatchObject({
      path: flags.path('odilo'),
    });
    const blocked = fileFlags({
      dir: path.join(flags.path('odilo'), 'inner'),
      clock: new ManualTimers(),
      fileWatching: false,
    });
    await expect(blocked.touchPauseFlag({ name: ODILO, text: '', own: null })).rejects.toMatchObject({
      code: 'flag.write',
    });
  });

  it('P20 an id that is no plain file name never becomes a path', async () => {
    flags.prepare();
    await expect(flags.touchPauseFlag({ name: '../outside', text: '', own: null })).rejects.toMatchObject({
      code: 'flag.write',
    });
    expect(existsSync(path.join(path.dirname(flags.dir), 'outside'))).toBe(false);
    expect(flags.stat('../outside').kind).toBe('unknown');
  });

  it('a flag touched by a shell is seen at the next look', () => {
    flags.prepare();
    execFileSync('touch', [flags.path('odilo')]);
    expect(paused(ODILO)).toBe(true);
    expect(sortFlagNames(['odilo'], [ODILO]).projects).toEqual([ODILO]);
  });
});

describe('project controls: where flags lie', () => {
  const dirOf = (lines: string): string => fleetOf(`[factory]\nstate_dir = "/srv/adf"\n${lines}`).factory.pauseDir;

  it('P2 (departure) the default pause_dir lies in the state directory, and pause_dir names another', () => {
    expect([dirOf(''), dirOf('pause_dir = "/data/pause"')]).toEqual(['/srv/adf/pause', '/data/pause']);
  });
});

describe('project controls: the failure counter', () => {
  it('P9 the threshold of a rule that names none is 3', () => {
    expect(threshold(breakerRule())).toBe(3);
  });

  it('P10 a threshold of zero reads as 1 and trips on the first failure (case 11)', () => {
    expect(threshold(breakerRule({ threshold: 0 }))).toBe(1);
    expect(new BreakerWorld({ threshold: 0 }).fail().state.kind).toBe('open');
  });

  it('P11, P16 two failures count 2, and a success brings 0 (case 7)', () => {
    const world = new BreakerWorld();
    const limits = { rule: breakerRule(), tripped: false };
    const one = recordFailure(NO_FAILURES, world.failure(), limits).counter;
    const two = recordFailure(one, world.failure(), limits).counter;
    expect([two.failures, recordSuccess(two).failures, threshold(limits.rule)]).toEqual([2, 0, 3]);
  });

  it('P11 (departure) a success while open resets the count and not the trip', () => {
    const world = new BreakerWorld().open().succeed();
    expect(world.state).toMatchObject({ kind: 'open', counter: { failures: 0 } });
  });

  it('P12 threshold 3 answers no, no, yes (case 8)', () => {
    const world = new BreakerWorld();
    expect([1, 2, 3].map(() => world.fail().state.kind)).toEqual(['closed', 'closed', 'open']);
  });

  it('P12 threshold 2 answers no, yes, and then no again without a success (case 9)', () => {
    const limits = (tripped: boolean) => ({ rule: breakerRule({ threshold: 2 }), tripped });
    const world = new BreakerWorld();
    const first = recordFailure(NO_FAILURES, world.failure(), limits(false));
    const second = recordFailure(first.counter, world.failure(), limits(false));
    const third = recordFailure(second.counter, world.failure(), limits(true));
    expect([first, second, third].map((answer) => answer.shouldPause.kind)).toEqual(['no', 'yes', 'no']);
  });

  it('P12 (departure) a removal by the operator re-arms it: one failure is enough', () => {
    const world = new BreakerWorld().open().tell({ kind: 'pause_lifted', by: 'a person' });
    expect(world.fail().state).toMatchObject({ kind: 'open', incident: { trips: 2 } });
  });

  it.each([
    ['project-meta', true],
    ['project-meta-odilo', true],
    ['fleet-meta', false],
    ['meta-coordinator', false],
    ['developer', false],
  ])('P13 %s counts: %s (case 6)', (name, counts) => {
    expect(isCounted({ name, project: ODILO }, { agents: DEFAULT_COUNTED })).toBe(counts);
  });

  it('P11 two projects count apart and trip apart (case 10)', () => {
    const odilo = new BreakerWorld();
    const terraphim = new BreakerWorld();
    odilo.fail().fail();
    terraphim.fail();
    expect([odilo.state.counter.failures, terraphim.state.counter.failures]).toEqual([2, 1]);
    odilo.fail();
    expect([odilo.state.kind, terraphim.state.kind]).toEqual(['open', 'closed']);
  });

  it('P15 at the threshold comes the flag, then one issue', () => {
    const kinds = new BreakerWorld({ threshold: 1 }).fail().kinds();
    expect(kinds.filter((kind) => kind === 'write_flag' || kind === 'open_issue')).toEqual([
      'write_flag',
      'open_issue',
    ]);
  });

  it('P17 a meta agent without a project counts for none', () => {
    expect(isCounted({ name: 'project-meta', project: null }, { agents: DEFAULT_COUNTED })).toBe(false);
  });

  it.each(ENDINGS)("P14 (departure) %s: whether it counts is the one table, and none is nobody's", (ending) => {
    const { owner, reason } = treatmentOf(ending);
    const happy: readonly Ending[] = ['succeeded', 'canceled', 'refused'];
    expect(reason).not.toBe('');
    expect(owner === 'nobody').toBe(happy.includes(ending));
  });

  it('P14 a failed exit of the agent itself counts', () => {
    expect(countsForBreaker({ kind: 'failed', class: 'agent_failure', reason: 'exit 1' })).toBe(true);
  });
});

describe('project controls: an agent in agents.toml', () => {
  const SEED_KEYS =
    `name layer cli_tool task schedule model capabilities max_memory_bytes budget_monthly_cents provider persona
    terraphim_role skill_chain sfia_skills fallback_provider fallback_model grace_period_secs max_cpu_seconds pre_check
    gitea_issue event_only evolution_enabled rlm_enabled bypass_kg_routing enabled project`.split(/\s+/);

  it('P18 knows the 26 keys of the seed', () => {
    const known = new Set(KEYS.map(({ path: key }) => key));
    expect(SEED_KEYS).toHaveLength(26);
    expect(SEED_KEYS.filter((key) => !known.has(`agents[].${key}`))).toEqual([]);
  });

  it('P19 needs three of them; lists are empty, enabled is true, the switches are off, rlm is unset', () => {
    const [agent] = fleetOf('[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "node"\n').agents;
    expect(agent).toMatchObject({
      task: null,
      schedule: null,
      model: null,
      provider: null,
      fallbackProvider: null,
      fallbackModel: null,
      budgetMonthlyCents: null,
      persona: null,
      terraphimRole: null,
      giteaIssue: null,
      maxCpuMs: null,
      capabilities: [],
      skillChain: [],
      sfiaSkills: [],
      preCheck: { kind: 'always' },
      project: null,
      enabled: true,
      eventOnly: false,
      evolutionEnabled: false,
      bypassKgRouting: false,
      rlmEnabled: null,
    });
  });
});

describe('project controls: one daemon', () => {
  it('P21 routes a request to its agent, spawns it, supervises it, and counts how it ended', async () => {
    const rig = await DaemonRig.start({ toml: sandboxFleet(['odilo']) });
    onTestFinished(() => rig.dispose());
    rig.breaks(metaOf('odilo'));
    const run = await rig.run(metaOf('odilo'));
    expect(run).toMatchObject({ state: 'ended', outcome: { kind: 'failed', class: 'agent_failure' } });
    const kinds = new Set(rig.facts().map((fact) => fact.kind));
    const stages = [
      'run.requested',
      'run.admitted',
      'attempt.starting',
      'attempt.started',
      'run.ended',
      'breaker.counted',
    ];
    expect(stages.filter((kind) => !kinds.has(kind as RecordedFact['kind']))).toEqual([]);
  });
});
