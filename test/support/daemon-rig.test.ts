// The rig does what a machine would, so that what is proven on it is proven.

import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from './daemon-rig.ts';

const META = 'sandbox/project-meta';
const TOML = `
[[projects]]
id = "sandbox"
working_dir = "/repo"

[[agents]]
name = "project-meta"
project = "sandbox"
layer = "Core"
schedule = "* * * * *"
cli_tool = "sh"
task = "true"
`;

let rig: DaemonRig;
afterEach(() => rig.dispose());

describe('a rig', () => {
  it('runs slots as the clock goes on', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    await rig.pass(3 * 60_000);
    expect(rig.startsOf(META)).toBe(3);
    expect(rig.factsOf('run.ended').map((fact) => fact.outcome.kind)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('keeps what a killed daemon has committed, and adopts what its host holds', async () => {
    rig = await DaemonRig.start({ toml: TOML, ledger: 'file' });
    rig.script(META, {});
    const asked = await rig.ask(META);
    await rig.until(() => rig.host.live().length === 1);
    rig.kill();
    await rig.restart();
    rig.host.exitAll();
    const ended = await rig.fact((fact) => fact.kind === 'run.ended');
    expect(ended.run).toBe(asked?.run.id);
    expect(rig.startsOf(META)).toBe(1);
  });

  it.each(['memory', 'file'] as const)(
    'dies at each moment of a run and comes to the same end (%s)',
    async (ledger) => {
      rig = await DaemonRig.start({ toml: TOML, ledger });
      await rig.run(META);
      const moments = rig.moments.length;
      for (let dieAt = 0; dieAt < moments; dieAt += 1) {
        await rig.dispose();
        rig = await DaemonRig.start({ toml: TOML, ledger, dieAt });
        if (!rig.isDead) {
          await rig.run(META);
        }
        await rig.restart();
        await rig.pass(5_000);
        const ends = rig.ledger.runs.list({ limit: 10 }).map((run) => run.outcome?.kind);
        expect([dieAt, rig.startsOf(META), ends]).toEqual([dieAt, ends.length, ends.map(() => 'succeeded')]);
      }
    },
  );
});
