// adf init: writes an agents.toml with comments for the repository it stands in.

import type { Define } from '../command.ts';
import { withCommon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { oneLine } from '../render/text.ts';

/** `adf init [DIRECTORY]` */
export const define: Define = (command, run) => {
  withCommon(command)
    .argument('[directory]', 'the repository (default: where we stand)')
    .action((directory: string | undefined) =>
      run(async (session) => {
        const view = await session.local.init(directory ?? null);
        const path = oneLine(view.path);
        await session.result(view, () =>
          view.written
            ? [
                `wrote ${path}: ${view.agents.map(oneLine).join(', ')}`,
                ...view.notes.map((note) => `  ${oneLine(note)}`),
                'next: adf check · adf start',
              ]
            : [`${path} is there already; nothing was changed. To see whether it is right: adf check`],
        );
        return DONE;
      }),
    );
};
