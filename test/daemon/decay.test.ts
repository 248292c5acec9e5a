// Agents whose runs change nothing: their slots get further apart, stored and explained, until something changes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey } from '../../src/core/ids.ts';
import { claudeSaid } from '../support/cli-lines.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const MINUTE_MS = 60_000;
const LOOKER = 'looker';

let rig: DaemonRig;
afterEach(async () => rig.dispose());

const toml = (more = '', tool = 'claude'): string =>
  `[[agents]]\nname = "${LOOKER}"\nlayer = "Core"\nschedule = "* * * * *"\ncli_tool = "${tool}"\ntask = "Look around."\n${more}\n`;

/** Every run says something; from now on it also calls a tool, or not. */
function calls(tool: string | null): void {
  rig.script(LOOKER, (run) => ({
    endsAfterMs: 1000,
    output: claudeSaid({ session: `of ${run.id}`, ...(tool === null ? {} : { tool }) }),
  }));
}

async function begin(more = '', tool = 'claude'): Promise<void> {
  rig = await DaemonRig.start({ toml: toml(more, tool) });
  calls(null);
}

/** The minutes, counted from the first run, at which runs started. */
function minutes(): readonly number[] {
  const [first] = rig.host.starts;
  return rig.host.starts.map(({ at }) => Math.round((at - (first?.at ?? 0)) / MINUTE_MS));
}

/** Lets so many minutes pass and answers when runs started in them. */
async function started(during: number): Promise<readonly number[]> {
  await rig.pass(during * MINUTE_MS);
  return minutes();
}

const skipped = (): readonly string[] =>
  rig.ledger.slots
    .skipped(LOOKER as AgentKey, 100)
    .map(({ verdict, count, reasons }) => `${verdict} ${count} ${reasons.map(({ code }) => code).join(' ')}`)
    .toReversed();

describe('an agent whose runs change nothing', () => {
  it('runs 2, 4, 8 and 16 times as seldom, and every slot left out has its verdict', async () => {
    await begin();
    expect(await started(52)).toEqual([0, 1, 2, 4, 8, 16, 32, 48]);
    expect(skipped().slice(0, 5)).toEqual([1, 3, 7, 15, 15].map((count) => `refused ${count} no_effect`));
  });

  it('goes on so after a restart', async () => {
    await begin();
    expect(await started(9)).toEqual([0, 1, 2, 4, 8]);
    await rig.restart();
    expect(await started(8)).toEqual([0, 1, 2, 4, 8, 16]);
  });

  it('says so in why, with what else to type', async () => {
    await begin();
    await started(5);
    const view = await rig.daemon.control.why(LOOKER);
    expect(view).toMatchObject({
      verdict: 'refuse',
      reasons: [{ code: 'no_effect', numbers: { streak: 4, factor: 4 } }],
      commands: expect.arrayContaining(['adf explain agents.decay']) as string[],
    });
  });

  it('is back at its own pace after a run that changed something', async () => {
    await begin();
    await started(5);
    calls('Bash');
    expect(await started(6.5)).toEqual([0, 1, 2, 4, 8, 9, 10, 11]);
  });

  it('is back at it when an operator asks for a run', async () => {
    await begin();
    await started(5);
    await rig.run(LOOKER);
    expect(await started(2)).toHaveLength(4 + 1 + 2);
  });
});

describe('what wakes it', () => {
  it('is a change in its folder, at the very next slot', async () => {
    const { dir } = (rig = await DaemonRig.start({ toml: toml() }));
    const folder = join(dir, 'work');
    mkdirSync(folder);
    await rig.reload(toml(`working_dir = "${folder}"`));
    calls(null);
    expect(await started(6)).toEqual([0, 1, 2, 4]);
    writeFileSync(join(folder, 'new.md'), 'to be looked at');
    expect(await started(1)).toEqual([0, 1, 2, 4, 6]);
  });

  it('is another task', async () => {
    await begin();
    expect(await started(6)).toEqual([0, 1, 2, 4]);
    await rig.reload(toml().replace('around', 'closely'));
    expect(await started(1)).toEqual([0, 1, 2, 4, 6]);
  });
});

describe('an agent keeps its own pace', () => {
  it.each<[string, string, string]>([
    ['with decay = false', 'decay = false', 'claude'],
    ['while its pre-check says that there is work', 'pre_check = { kind = "shell", script = "true" }', 'claude'],
    ['as a program, whose effects nobody knows', '', 'true'],
  ])('%s', async (_, more, tool) => {
    await begin(more, tool);
    await rig.pass(6.5 * MINUTE_MS);
    expect(rig.ledger.runs.list({ agent: LOOKER as AgentKey, limit: 20 }).length).toBeGreaterThanOrEqual(6);
    expect(skipped()).toEqual([]);
  });

  it('while its runs call tools that may change something', async () => {
    await begin();
    calls('Write');
    expect(await started(6.5)).toHaveLength(7);
  });
});
