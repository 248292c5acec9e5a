// adf breakers: the breaker of every project.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderBreakers } from '../render/breakers.ts';

/** `adf breakers` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const breakers = await (await session.client()).breakers();
      await session.result(breakers, () => renderBreakers(breakers, session));
      return DONE;
    }),
  );
};
