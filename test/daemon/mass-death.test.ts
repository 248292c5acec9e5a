// Runs that something of the machine kills in numbers: nothing new is fed to it for a minute, and everybody is told.

import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';

const SECOND_MS = 1000;
const NAMES = ['a', 'b', 'c', 'd'];

let rig: DaemonRig;
afterEach(async () => rig.dispose());

/** A factory in which so many runs live. */
async function living(runs: number): Promise<void> {
  const agents = NAMES.map(
    (name) => `[[agents]]\nname = "${name}"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "true"\n`,
  );
  rig = await DaemonRig.start({ toml: agents.join('\n') });
  for (const name of NAMES.slice(0, runs)) {
    rig.script(name, {});
    await rig.ask(name);
  }
  await rig.until(() => rig.host.live().length === runs);
}

/** Somebody outside kills what lives. */
async function killAll(): Promise<void> {
  rig.host.exitAll({ code: null, signal: 'SIGKILL' });
  await rig.until(() => rig.ledger.runs.live().length === 0);
}

describe('three runs killed from outside', () => {
  it('hold the next start for a minute, over a restart too, and say so', async () => {
    await living(3);
    const killedAt = rig.clock.now();
    await killAll();
    await rig.ask('d');
    await rig.pass(2 * SECOND_MS);
    expect(rig.startsOf('d')).toBe(0);
    expect(rig.factsOf('starts.held')).toMatchObject([{ count: 3 }]);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention).toMatchObject([
      {
        text: expect.stringMatching(
          /^nothing is started for 5\d s: 3 runs were killed from outside within 30 s$/,
        ) as string,
      },
    ]);
    expect(await rig.command(async (control) => control.why('a'))).toMatchObject({
      reasons: [{ code: 'deaths', numbers: { count: 3 } }],
    });
    await rig.restart();
    await rig.until(() => rig.startsOf('d') === 1);
    expect(rig.clock.now() - killedAt).toBeGreaterThanOrEqual(60 * SECOND_MS);
  });
});

describe('nothing is held', () => {
  it('after two', async () => {
    await living(2);
    await killAll();
    await rig.run('d');
    expect([rig.startsOf('d'), rig.factsOf('starts.held')]).toEqual([1, []]);
  });

  it('after three that we stopped ourselves', async () => {
    await living(3);
    for (const run of rig.ledger.runs.live()) {
      await rig.command(async (control) => control.cancel(run.id));
    }
    await rig.until(() => rig.ledger.runs.live().length === 0);
    expect(rig.factsOf('starts.held')).toEqual([]);
  });

  it('after three that failed by themselves', async () => {
    await living(0);
    for (const name of ['a', 'b', 'c']) {
      rig.breaks(name);
      await rig.run(name);
    }
    expect(rig.factsOf('starts.held')).toEqual([]);
  });
});
