// adf breaker: shows one project's breaker, or moves it by hand.

import { nearestName } from '../../lib/nearest.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderBreaker } from '../render/breakers.ts';

const MOVES = {
  trip: 'open it: nothing of the project starts until its flag is removed',
  reset: 'close it and forget its count',
  isolate: 'hold the project until reset, whatever happens to flags',
} as const;

/** `adf breaker show|trip|reset|isolate PROJECT` */
export const define: Define = (command, run) => {
  withDaemon(command);
  withDaemon(command.command('show').description('its state, and the runs that led to it'))
    .argument('<project>', 'id of a project')
    .action((project: string) =>
      run(async (session) => {
        const breakers = await (await session.client()).breakers();
        const found = breakers.find((breaker) => breaker.project === project);
        if (found === undefined) {
          throw unknownProject(
            project,
            breakers.map((breaker) => breaker.project),
          );
        }
        await session.result(found, () => renderBreaker(found, session));
        return DONE;
      }),
    );
  for (const move of ['trip', 'reset', 'isolate'] as const) {
    withDaemon(command.command(move).description(MOVES[move]))
      .argument('<project>', 'id of a project')
      .option('--reason <text>', 'why, for whoever finds it so', '')
      .action((project: string, { reason }: { readonly reason: string }) =>
        run(async (session) => {
          const client = await session.client();
          const view = await client.breaker(project, move, { by: session.user, reason });
          await session.result(view, () => renderBreaker(view, session));
          return DONE;
        }),
      );
  }
};

function unknownProject(project: string, known: readonly string[]): OperationalError {
  const near = nearestName(project, known);
  const hint = near === null ? '' : ` (did you mean "${near}"?)`;
  return new OperationalError('project.unknown', `no project is called "${project}"${hint}`);
}
