// Whatever stands in the place of a pause flag or of pause_dir has a defined answer, and the safe one is "paused".

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

let rig: DaemonRig;
let dir: string;

beforeEach(async () => {
  rig = await DaemonRig.start({ toml: sandboxFleet(['sandbox', 'web']), flags: 'file' });
  dir = rig.fleet.now.factory.pauseDir;
});
afterEach(() => rig.dispose());

/** The codes with which a run of `project` is refused now; none: it runs. */
async function codes(project: string): Promise<readonly string[]> {
  const run = await rig.run(metaOf(project));
  return run?.outcome?.kind === 'refused' ? run.outcome.reasons.map((reason) => reason.code) : [];
}

const attention = async (): Promise<string> =>
  JSON.stringify((await rig.command(async (control) => control.status()))?.attention);

describe('in the place of a flag', () => {
  it.each<[string, (flag: string) => void]>([
    ['an empty file', (flag) => writeFileSync(flag, '')],
    ['a folder', (flag) => mkdirSync(flag)],
    ['a link to nowhere', (flag) => symlinkSync('/nowhere/at/all', flag)],
    ['a link to a file', (flag) => symlinkSync('/dev/null', flag)],
    ['a file that is no text', (flag) => writeFileSync(flag, Buffer.alloc(5000, 0xff))],
  ])('%s pauses the project and no other, until it is gone', async (_, make) => {
    const flag = join(dir, 'sandbox');
    make(flag);
    expect([await codes('sandbox'), await codes('web')]).toEqual([['project.paused'], []]);
    rmSync(flag, { recursive: true });
    expect(await codes('sandbox')).toEqual([]);
    expect(rig.factsOf('pause.lifted')).toMatchObject([{ project: 'sandbox', by: 'a person' }]);
  });
});

describe('in the place of pause_dir', () => {
  it.each<[string, () => void]>([
    ['nothing', () => undefined],
    ['a file', () => writeFileSync(dir, '')],
    ['a link to nowhere', () => symlinkSync('/nowhere/at/all', dir)],
  ])('%s pauses everything, and lifts no pause', async (_, make) => {
    rig.setFlag('sandbox', true);
    await rig.pass(1_000);
    renameSync(dir, `${dir}-away`);
    make();
    await rig.pass(5_000);
    expect([await codes('sandbox'), await codes('web')]).toEqual([
      ['factory.paused', 'project.paused'],
      ['factory.paused', 'project.paused'],
    ]);
    expect(await attention()).toContain('everything is paused to be safe');
    expect(rig.factsOf('pause.lifted')).toEqual([]);
    rmSync(dir, { force: true });
    renameSync(`${dir}-away`, dir);
    expect([await codes('sandbox'), await codes('web')]).toEqual([['project.paused'], []]);
  });
});

describe('a reload that moves pause_dir', () => {
  const toml = (pauseDir: string): string =>
    sandboxFleet(['sandbox', 'web'], {
      top: `[factory]\npause_dir = "${pauseDir}"`,
      extra: 'breaker = { threshold = 1 }',
    });

  it('brings the flag of an open breaker along, and starts nothing of it meanwhile', async () => {
    await rig.dispose();
    rig = await DaemonRig.start({ toml: toml('/pause/one') });
    rig.breaks(metaOf('sandbox'));
    await rig.run(metaOf('sandbox'));
    await rig.until(() => rig.hasFlag('sandbox'));
    await rig.reload(toml('/pause/two'));
    expect(await codes('sandbox')).toContain('breaker.open');
    expect(await codes('web')).toEqual([]);
    await rig.until(() => rig.hasFlag('sandbox'));
    expect(rig.flags.path('sandbox')).toBe('/pause/two/sandbox');
    expect(rig.factsOf('pause.lifted')).toEqual([]);
    rig.breaks(metaOf('sandbox'), false);
    rig.setFlag('sandbox', false);
    expect(await codes('sandbox')).toEqual([]);
    expect(rig.factsOf('breaker.closed')).toHaveLength(1);
  });

  it("leaves a person's flag behind, and with it the pause", async () => {
    await rig.dispose();
    rig = await DaemonRig.start({ toml: toml('/pause/one') });
    rig.setFlag('sandbox', true);
    await rig.pass(1_000);
    await rig.reload(toml('/pause/two'));
    expect(await codes('sandbox')).toEqual([]);
    expect(rig.factsOf('pause.lifted')).toMatchObject([{ project: 'sandbox', by: 'the move of pause_dir' }]);
  });
});
