// adf reload: puts agents.toml as it is now into force, or says why the last good one stays.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, FAILED, USAGE } from '../exit-code.ts';
import { renderReload } from '../render/configuration.ts';

/** `adf reload` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const view = await (await session.client()).reload(session.user);
      await session.result(view, () => renderReload(view, session));
      return view.ok ? DONE : view.errors.length > 0 ? USAGE : FAILED;
    }),
  );
};
