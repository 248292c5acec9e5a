// adf outbox: reactions that wait for their turn, or for a person.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderOutbox } from '../render/outbox.ts';

/** `adf outbox` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const rows = await (await session.client()).outbox();
      await session.result(rows, () => renderOutbox(rows, session));
      return DONE;
    }),
  );
};
