// adf release: ends the quarantine of an agent.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { oneLine } from '../render/text.ts';

/** `adf release NAME` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<name>', 'name of an agent, or project/name')
    .action((name: string) =>
      run(async (session) => {
        const view = await (await session.client()).release(name);
        const shown = oneLine(name);
        await session.result(view, () => [
          view.released
            ? `${shown} is released; when it runs next: adf why ${shown}`
            : `${shown} is not in quarantine; nothing was changed. What holds it: adf why ${shown}`,
        ]);
        return DONE;
      }),
    );
};
