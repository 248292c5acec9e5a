// adf watchdog: one look at everything that should be alive, now.

import { withDaemon } from '../command.ts';
import type { Define } from '../command.ts';
import { DONE, FAILED, usageError } from '../exit-code.ts';
import { renderWatch } from '../render/watch.ts';

/** `adf watchdog --once` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('--once', 'one cycle now; the daemon makes one every [watchdog] interval by itself')
    .action((options: { readonly once?: boolean }) =>
      run(async (session) => {
        if (options.once !== true) {
          throw usageError(
            'the daemon looks by itself every [watchdog] interval; for one look now: adf watchdog --once',
          );
        }
        const view = await (await session.client()).watch();
        await session.result(view, () => renderWatch(view));
        return view.failed.length === 0 ? DONE : FAILED;
      }),
    );
};
