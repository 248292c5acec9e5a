// What adf install, upgrade and uninstall have in common: they change the machine, or with --print show what they would change.

import { Option } from 'commander';
import type { Define } from './command.ts';
import { withCommon } from './command.ts';
import { DONE } from './exit-code.ts';
import type { InstallVerb, InstallView } from './local.ts';
import { oneLine } from './render/text.ts';
import { withCommand } from './render/words.ts';

/** The definition of `adf <verb>`. */
export function defineInstalling(verb: InstallVerb): Define {
  return (command, run) => {
    withCommon(command)
      .addOption(new Option('--print', 'show every step and every file, change nothing'))
      .action((options: { readonly print?: boolean }) =>
        run(async (session) => {
          const view = await session.local.install({ verb, printOnly: options.print === true });
          await session.result(view, () => (view.printed ? printed(view) : summary(view)));
          return DONE;
        }),
      );
  };
}

/** Files in full, so that what is shown can be compared with what is there. */
function printed({ steps }: InstallView): readonly string[] {
  return steps.flatMap(({ what, text }) => [
    `# ${oneLine(what)}`,
    ...(text === null ? [] : [...text.trimEnd().split('\n'), '']),
  ]);
}

function summary({ verb, steps, checks, next }: InstallView): readonly string[] {
  const changed = steps.filter(({ state }) => state === 'changed');
  return [
    ...changed.map(({ what }) => `done  ${oneLine(what)}`),
    changed.length === 0
      ? `adf ${verb}: everything is so already, nothing was changed`
      : `adf ${verb}: ${changed.length} of ${steps.length} steps changed something`,
    ...checks.map(({ state, text, remedy }) => `${state}  ${withCommand(oneLine(text), remedy)}`),
    ...next.map((line) => `next  ${oneLine(line)}`),
  ];
}
