// adf check: everything that is wrong with agents.toml, all at once.

import type { StatusView } from '../../http/contract.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, USAGE } from '../exit-code.ts';
import { renderCheck } from '../render/configuration.ts';
import type { Session } from '../session.ts';

/** `adf check` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const { path, ok, errors, warnings } = await session.local.check(session.place);
      const inForce = session.json ? null : await runningDaemon(session);
      await session.result({ ok, errors, warnings }, () =>
        renderCheck({ path, ok, errors, warnings, inForce }, session),
      );
      return ok ? DONE : USAGE;
    }),
  );
};

/** The daemon that runs this configuration, or null: check works without one, and with a file that names no socket. */
async function runningDaemon(session: Session): Promise<StatusView | null> {
  try {
    return await (await session.client()).status();
  } catch (error) {
    if (error instanceof OperationalError) {
      return null;
    }
    throw error;
  }
}
