// adf agents: every agent with its schedule, its last and next run, its failures and restarts.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderAgents } from '../render/agents.ts';

/** `adf agents` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const agents = await (await session.client()).agents();
      await session.result(agents, () => renderAgents(agents, session));
      return DONE;
    }),
  );
};
