// Draws a list of runs, newest first, with the reason and the next command beside each that is not plainly well.

import type { RunView } from '../../http/contract.ts';
import { formatBytes } from '../../lib/bytes.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { runCommand, runReason, runWord, tookText, withCommand } from './words.ts';

/** The table of `adf runs`. */
export function renderRuns(runs: readonly RunView[], look: Look): readonly string[] {
  return runs.length === 0 ? ['no runs match; all of them: adf runs'] : listed(runs, look, runCommand);
}

/** The table of `adf runs --tries`: no daemon knows them, so no command of the daemon tells more. */
export function renderTries(runs: readonly RunView[], look: Look): readonly string[] {
  return runs.length === 0
    ? ['nothing was tried here; to try something: adf try -- CMD']
    : listed(runs, look, () => null);
}

function listed(runs: readonly RunView[], look: Look, commandOf: (run: RunView) => string | null): readonly string[] {
  const rows = runs.map((run) => [
    run.id,
    run.agent,
    runWord(run),
    look.times.time(run.requestedAt),
    tookText(run, look.times.now),
    run.peakMemoryBytes === null ? '' : formatBytes(run.peakMemoryBytes),
    withCommand(runReason(run, look.times), commandOf(run)),
  ]);
  return table(['RUN', 'AGENT', 'STATE', 'REQUESTED', 'TOOK', 'PEAK', 'WHY'], rows, look);
}
