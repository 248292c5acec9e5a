// adf runs: runs, newest first.

import { MAX_RUNS } from '../../http/contract.ts';
import type { Define } from '../command.ts';
import { count, withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderRuns } from '../render/runs.ts';

const DEFAULT_LIMIT = 20;

interface Options {
  readonly agent?: string;
  readonly project?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly limit: number;
}

/** `adf runs` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('--agent <name>', 'only runs of this agent')
    .option('--project <id>', 'only runs of this project')
    .option('--state <state>', 'only runs that are there: waiting, running, ended, …')
    .option('--outcome <kind>', 'only runs that ended so: succeeded, failed, timed_out, …')
    .option('-n, --limit <count>', 'how many', count(MAX_RUNS), DEFAULT_LIMIT)
    .action(({ agent, project, state, outcome, limit }: Options) =>
      run(async (session) => {
        const runs = await (
          await session.client()
        ).runs({
          ...(agent === undefined ? {} : { agent }),
          ...(project === undefined ? {} : { project }),
          ...(state === undefined ? {} : { state }),
          ...(outcome === undefined ? {} : { outcome }),
          limit,
        });
        await session.result(runs, () => renderRuns(runs, session));
        return DONE;
      }),
    );
};
