// adf cancel: ends a run that waits or runs.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { cancelLine } from '../render/reply.ts';

/** `adf cancel RUN` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<run>', 'id of a run, or its first letters')
    .action((id: string) =>
      run(async (session) => {
        const view = await (await session.client()).cancel(id);
        await session.result(view, () => [cancelLine(view, session)]);
        return DONE;
      }),
    );
};
