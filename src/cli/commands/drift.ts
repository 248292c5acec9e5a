// adf drift: whether what runs is what agents.toml says; changes nothing.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, DRIFT, USAGE } from '../exit-code.ts';
import { renderDrift } from '../render/reconcile.ts';

/** `adf drift` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const view = await (await session.client()).drift();
      await session.result(view, () => renderDrift(view, session));
      if (view.kind === 'broken') {
        return USAGE;
      }
      return view.hasDrift ? DRIFT : DONE;
    }),
  );
};
