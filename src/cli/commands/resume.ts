// adf resume: removes a pause flag, and tells the daemon, if one runs, so that it need not find out.

import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderResume } from '../render/flags.ts';
import type { Session } from '../session.ts';

/** `adf resume PROJECT` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<project>', 'id of a project, or __all__ for the whole factory')
    .action((project: string) =>
      run(async (session) => {
        const view = await session.local.resume(session.place, { project, by: session.user });
        if (view.removed) {
          await tellDaemon(session, project);
        }
        await session.result(view, () => renderResume(view));
        return DONE;
      }),
    );
};

/** The removed file alone decides: a daemon that cannot be told sees it within a second, or when it starts. */
async function tellDaemon(session: Session, project: string): Promise<void> {
  try {
    await (await session.client()).resumed(project, session.user);
  } catch (error) {
    if (!(error instanceof OperationalError)) {
      throw error;
    }
    if (error.code !== 'daemon_unreachable' && error.code !== 'project.unknown') {
      session.note(`the flag is gone; the daemon was not told: ${error.message}`);
    }
  }
}
