// Whatever was written for an attempt is named to its host, which hands it over where the attempt runs as somebody else.

import { basename } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';

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
