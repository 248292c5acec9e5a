// adf apply: brings what runs to what agents.toml says, by a saved plan or by the one of this moment.

import { DEFAULT_ATTEMPTS, MOST_ATTEMPTS } from '../../core/reconcile/attempts.ts';
import type { Define } from '../command.ts';
import { count, readText, withDaemon } from '../command.ts';
import { DONE, FAILED, USAGE } from '../exit-code.ts';
import { renderApply } from '../render/reconcile.ts';
import { readPlan } from '../saved-plan.ts';

/** `adf apply [FILE] [--max-attempts 3]` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('[file]', 'a plan that adf plan -o saved; it is refused when something has changed since')
    .option('--max-attempts <n>', 'how often to try what fails', count(MOST_ATTEMPTS), DEFAULT_ATTEMPTS)
    .action((file: string | undefined, options: { readonly maxAttempts: number }) =>
      run(async (session) => {
        const plan = file === undefined ? null : readPlan(await readText(file, 'plan'));
        const view = await (await session.client()).apply({ by: session.user, maxAttempts: options.maxAttempts, plan });
        await session.result(view, () => renderApply(view, session));
        if (view.kind === 'broken') {
          return USAGE;
        }
        return view.result.success ? DONE : FAILED;
      }),
    );
};
