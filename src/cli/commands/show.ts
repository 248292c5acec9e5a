// adf show: everything about one run.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderShow } from '../render/show.ts';

/** `adf show RUN` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<run>', 'id of a run, or its first letters')
    .action((id: string) =>
      run(async (session) => {
        const detail = await (await session.client()).show(id);
        await session.result(detail, () => renderShow(detail, session));
        return DONE;
      }),
    );
};
