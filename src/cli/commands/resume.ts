// adf resume: removes a pause flag, and tells the daemon, if one runs, so that it need not find out.

import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { whereFlagsLie } from '../flag-place.ts';
import { renderResume } from '../render/flags.ts';
import type { Session } from '../session.ts';

/** `adf resume PROJECT` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<project>', 'id of a project, or __all__ for the whole factory')
    .action((project: string) =>
      run(async (session) => {
        const wish = { project, by: session.user };
        const view = await whereFlagsLie(session, async (place) => session.local.resume(place, wish));
        // Also where there was no flag: the breaker holds a project whose flag it has not written, or cannot write.
        const resumed = await tellDaemon(session, project);
        await session.result(view, () => renderResume(view, resumed));
        return DONE;
      }),
    );
};

/**
 * Whether that changed anything for the daemon; null: none runs, or it could not be told. A file that was removed is seen
 * within a second all the same, or at the next start.
 */
async function tellDaemon(session: Session, project: string): Promise<boolean | null> {
  try {
    return (await (await session.client()).resumed(project, session.user)).resumed;
  } catch (error) {
    if (!(error instanceof OperationalError)) {
      throw error;
    }
    if (error.code === 'project.unknown') {
      return false;
    }
    if (error.code !== 'daemon_unreachable') {
      session.note(`the daemon was not told: ${error.message}`);
    }
    return null;
  }
}
