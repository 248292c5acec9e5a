// Whatever was written for an attempt is named to its host, which hands it over where the attempt runs as somebody else.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { RigInput } from '../support/daemon-rig.ts';

let rig: DaemonRig;
afterEach(() => rig.dispose());

it.each([
  ['a script', 'cli_tool = "sh"\ntask = "true"', ['script']],
  ['stdin', 'cli_tool = "cat"\ntask = "read this"', ['stdin']],
  ['a file in an argument', 'cli_tool = "cat"\nargs = ["{task_file}"]\ntask = "read this"', ['task']],
  ['settings and stdin', 'cli_tool = "gemini"\ntask = "read this"', ['gemini.json', 'stdin']],
  ['nothing', 'cli_tool = "true"\npre_check = "always"', []],
])('names %s', async (_, keys, expected) => {
  rig = await DaemonRig.start({
    toml: `[[agents]]\nname = "worker"\nlayer = "Core"\nschedule = "0 0 1 1 *"\n${keys}\n`,
  });
  await rig.run('worker');
  const spec = rig.host.starts[0]?.spec;
  const kinds = spec?.inputs.map((path) => basename(path).slice(spec.attemptId.length + 1) || 'stdin');
  expect(kinds).toEqual(expected);
});

describe('what was written for an attempt is removed', () => {
  const reading = `[[agents]]\nname = "worker"\nlayer = "Growth"\ncli_tool = "cat"\ntask = "read this"\n`;
  const left = (): readonly string[] => readdirSync(join(rig.dir, 'in'));

  async function factory(over: Partial<RigInput> = {}): Promise<void> {
    rig = await DaemonRig.start({ ...over, toml: reading });
  }

  it('when it was not started, or refused at the flag that the host saw', async () => {
    await factory();
    const refuse = { kind: 'did_not_start', cause: 'program', message: 'ENOENT' } as const;
    rig.script('worker', { refuse });
    await rig.run('worker');
    rig.script('worker', { refuse: { kind: 'paused', flag: '/pause/x' } });
    await rig.run('worker');
    expect([rig.host.asked.map(({ inputs }) => inputs.length), left()]).toEqual([[1, 1], []]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['refused', async () => Promise.resolve(rig.setFlag('__all__', true))],
    ['ended by a person', async () => rig.daemon.control.cancel('r101')],
  ])('when its run was %s directly before the start', async (_, happens) => {
    await factory();
    let looks = 0;
    rig.whileLooking = async () => {
      looks += 1;
      if (looks === 2) {
        expect(left()).toEqual(['r101.1']);
        await happens();
      }
    };
    await rig.ask('worker');
    await rig.until(() => left().length === 0);
    expect(rig.host.asked).toEqual([]);
  });

  it('when it was taken over from an earlier daemon', async () => {
    await factory({ ledger: 'file' });
    rig.script('worker', {});
    await rig.ask('worker');
    await rig.until(() => rig.host.live().length === 1);
    await rig.restart();
    expect(left()).toEqual(['r101.1']);
    rig.host.exitAll();
    await rig.until(() => rig.ledger.attempts.open().length === 0);
    await rig.until(() => left().length === 0);
  });
});
