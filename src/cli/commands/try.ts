// adf try: one run of a program or CLI through the same gates, limits and ledger, without an entry in agents.toml.

import { printable } from '../../core/react/untrusted-text.ts';
import type { Define } from '../command.ts';
import { duration, size, withCommon } from '../command.ts';
import { DONE, FAILED, INTERRUPTED, usageError } from '../exit-code.ts';
import { renderTry } from '../render/try.ts';

interface Options {
  readonly memory?: number;
  readonly timeout?: number;
  readonly cpu?: number;
  readonly cli?: string;
  readonly project?: string;
}

/** `adf try -- CMD`, `adf try --cli claude "task"` */
export const define: Define = (command, run) => {
  withCommon(command)
    .argument('[command...]', 'program and arguments, after --; with --cli the task')
    .option('--memory <size>', 'most memory of the whole tree, like 256MiB', size)
    .option('--timeout <time>', 'longest wall clock time, like 2m', duration)
    .option('--cpu <time>', 'most processor time of the whole tree, like 30s', duration)
    .option('--cli <driver>', 'an agent CLI, like claude, instead of a program')
    .option('--project <id>', 'with the gates and the folder of this project')
    .action((words: readonly string[], options: Options) =>
      run(async (session) => {
        if (words.length === 0) {
          throw usageError('nothing to try: adf try -- CMD, or adf try --cli claude "task"');
        }
        const driver = options.cli ?? null;
        const wish = {
          ...session.place,
          driver,
          task: driver === null ? null : words.join(' '),
          command: driver === null ? words : [],
          project: options.project ?? null,
          memoryBytes: options.memory ?? null,
          wallMs: options.timeout ?? null,
          cpuMs: options.cpu ?? null,
        };
        const onOutput = (text: string): void => session.noteText(printable(text));
        const view = await session.local.try(wish, { onOutput, interrupt: session.ending });
        await session.result(view, () => renderTry(view, session));
        if (session.interrupted) {
          return INTERRUPTED;
        }
        return view.run.outcome?.kind === 'succeeded' ? DONE : FAILED;
      }),
    );
};
