// adf why: when an agent runs next, and what every gate says now and said of the last skipped slots.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderWhy } from '../render/why.ts';

/** `adf why NAME` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<name>', 'name of an agent, or project/name')
    .action((name: string) =>
      run(async (session) => {
        const why = await (await session.client()).why(name);
        await session.result(why, () => renderWhy(why, session));
        return DONE;
      }),
    );
};
