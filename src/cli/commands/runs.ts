// adf runs: runs, newest first.

import { MAX_RUNS } from '../../http/contract.ts';
import type { Define } from '../command.ts';
import { count, withDaemon } from '../command.ts';
import { DONE, usageError } from '../exit-code.ts';
import type { TriesFilter } from '../local.ts';
import { renderRuns, renderTries } from '../render/runs.ts';

const DEFAULT_LIMIT = 20;

interface Options {
  readonly agent?: string;
  readonly project?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly limit: number;
  readonly tries?: true;
}

/** `adf runs` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('--agent <name>', 'only runs of this agent')
    .option('--project <id>', 'only runs of this project')
    .option('--state <state>', 'only runs that are there: waiting, running, ended, …')
    .option('--outcome <kind>', 'only runs that ended so: succeeded, failed, timed_out, …')
    .option('-n, --limit <count>', 'how many', count(MAX_RUNS), DEFAULT_LIMIT)
    .option('--tries', 'what adf try made instead; it has a record of its own, and needs no daemon')
    .action(({ agent, tries, ...options }: Options) =>
      run(async (session) => {
        if (tries === true && agent !== undefined) {
          throw usageError('a try is no run of an agent: leave --agent out, or --tries');
        }
        const filter = filterOf(options);
        const runs =
          tries === true
            ? await session.local.tries(session.place, filter)
            : await (await session.client()).runs({ ...filter, ...(agent === undefined ? {} : { agent }) });
        await session.result(runs, () => (tries === true ? renderTries(runs, session) : renderRuns(runs, session)));
        return DONE;
      }),
    );
};

/** Only what was asked for: the options of every command stand beside it. */
function filterOf({ project, state, outcome, limit }: Options): TriesFilter {
  return {
    limit,
    ...(project === undefined ? {} : { project }),
    ...(state === undefined ? {} : { state }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}
