// adf pause: puts a pause flag there; nothing of the project starts while it exists, with or without a daemon.

import type { Define } from '../command.ts';
import { duration, withCommon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { whereFlagsLie } from '../flag-place.ts';
import { renderPause } from '../render/flags.ts';

interface Options {
  readonly for?: number;
  readonly reason?: string;
}

/** `adf pause PROJECT` */
export const define: Define = (command, run) => {
  withCommon(command)
    .argument('<project>', 'id of a project, or __all__ for the whole factory')
    .option('--for <time>', 'resume by itself after this time, like 2h', duration)
    .option('--reason <text>', 'why, for whoever finds the flag')
    .action((project: string, options: Options) =>
      run(async (session) => {
        const { for: forMs = null, reason = null } = options;
        const wish = { project, forMs, reason, by: session.user };
        const view = await whereFlagsLie(session, async (place) => session.local.pause(place, wish));
        await session.result(view, () => renderPause(view, session));
        return DONE;
      }),
    );
};
