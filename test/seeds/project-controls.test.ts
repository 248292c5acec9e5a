import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileFlags } from '../../src/adapters/pause-flags/files.ts';
import { NO_FAILURES, recordFailure, recordSuccess, threshold } from '../../src/core/breaker/failure-count.ts';
import { DEFAULT_COUNTED, isCounted } from '../../src/core/breaker/policy.ts';
import { FACTORY_FLAG, isProjectPaused, sortFlagNames } from '../../src/core/pause/flag.ts';
import type { ProjectId } from '../../src/core/ids.ts';
import type { PauseFlags } from '../../src/ports/pause-flags.ts';
import { BreakerWorld, breakerRule } from '../support/breaker-world.ts';
import { ManualTimers } from '../support/manual-timers.ts';

const ODILO = 'odilo' as ProjectId;
const TERRAPHIM = 'terraphim' as ProjectId;

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
  it('P1 without a flag file the project is not paused', () => {
    flags.prepare();
    expect(paused(ODILO)).toBe(false);
  });

  it('P1 with <pause_dir>/<project id> it is paused until the file is removed', () => {
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

  it('P4 an agent without a project is not paused, not even by a flag called __global__', () => {
    flagByHand('__global__');
    expect(paused(null)).toBe(false);
  });

  it('P4 (departure) __all__ stops everybody, agents without a project too', () => {
    flagByHand(FACTORY_FLAG);
    expect([paused(null), paused(ODILO)]).toEqual([true, true]);
  });

  it("P5 one project's flag does not touch another", () => {
    flagByHand('odilo');
    expect([paused(ODILO), paused(TERRAPHIM)]).toEqual([true, false]);
  });

  it('P6 touchPauseFlag creates missing parent folders', async () => {
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

describe('project controls: the failure counter', () => {
  it('P9 the threshold of a rule that names none is 3', () => {
    expect(threshold(breakerRule())).toBe(3);
  });

  it('P10 a threshold of zero reads as 1 and trips on the first failure', () => {
    expect(threshold(breakerRule({ threshold: 0 }))).toBe(1);
    expect(new BreakerWorld({ threshold: 0 }).fail().state.kind).toBe('open');
  });

  it('P11, P16 two failures count 2, and a success brings 0', () => {
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

  it('P12 threshold 3 answers no, no, yes', () => {
    const world = new BreakerWorld();
    expect([1, 2, 3].map(() => world.fail().state.kind)).toEqual(['closed', 'closed', 'open']);
  });

  it('P12 threshold 2 answers no, yes, and then no again without a success', () => {
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
  ])('P13 %s counts: %s', (name, counts) => {
    expect(isCounted({ name, project: ODILO }, { agents: DEFAULT_COUNTED })).toBe(counts);
  });

  it('P11 two projects count apart and trip apart', () => {
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
});
