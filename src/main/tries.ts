// Where `adf try` keeps its record, and the runs in it: `adf runs --tries`.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRuns } from '../adapters/sqlite/reading.ts';
import type { ConfigPlace, TriesFilter } from '../cli/local.ts';
import type { Fleet } from '../core/fleet.ts';
import type { ProjectId } from '../core/ids.ts';
import type { RunState } from '../core/run/lifecycle.ts';
import { runView } from '../daemon/views.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { RunView } from '../ports/control.ts';
import { load } from './config.ts';
import { packageFile } from './package-files.ts';

/** The fleet that a try is made beside; null: there is none that could be read. */
export function fleetBeside({ config }: ConfigPlace): Fleet | null {
  try {
    const loaded = load({ config, asService: false, foreground: true });
    return loaded.kind === 'ok' ? loaded.fleet : null;
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'config.not_found' && config === null) {
      return null;
    }
    throw error;
  }
}

/** The folder of a try's record, apart from that of the factory `beside` it. */
export function tryFolder(beside: Fleet | null): string {
  return join(beside?.factory.stateDir ?? resolve('.adf'), 'try');
}

/** What was tried, newest first; asked while a try is under way, too. */
export function tries(place: ConfigPlace, { project, state, outcome, limit }: TriesFilter): readonly RunView[] {
  const path = join(tryFolder(fleetBeside(place)), 'ledger.db');
  if (!existsSync(path)) {
    return [];
  }
  const filter = {
    limit,
    ...(project === undefined ? {} : { project: project as ProjectId }),
    ...(state === undefined ? {} : { states: [state as RunState] }),
    ...(outcome === undefined ? {} : { outcome }),
  };
  return readRuns(path, packageFile('migrations'), ({ runs, ...stores }) =>
    runs.list(filter).map((run) => runView(stores, run)),
  );
}
