// adf drain: starts nothing more and lets what runs finish; --end lets the factory go on.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { counted } from '../../lib/counted.ts';

/** `adf drain` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('--end', 'let it go on')
    .action((options: { readonly end?: boolean }) =>
      run(async (session) => {
        const view = await (await session.client()).drain({ end: options.end === true, by: session.user });
        await session.result(view, () => [
          view.draining
            ? `draining: ${counted(view.live, 'run')} may finish, nothing is started; see them: adf runs --state running; to go on: adf drain --end`
            : 'not draining: what is due is started; what comes next: adf next',
        ]);
        return DONE;
      }),
    );
};
