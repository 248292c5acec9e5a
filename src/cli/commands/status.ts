// adf status: what needs a person, projects, agents.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderStatus } from '../render/status.ts';

/** `adf status` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const status = await (await session.client()).status();
      await session.result(status, () => renderStatus(status, session));
      return DONE;
    }),
  );
};
