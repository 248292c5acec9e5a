// What a fact about a run is about.

import type { Run } from '../core/run/run.ts';

/** What a fact about `run` is about. */
export function subject(run: Run): {
  readonly run: Run['id'];
  readonly agent: Run['agent'];
  readonly project?: NonNullable<Run['project']>;
} {
  return { run: run.id, agent: run.agent, ...(run.project === null ? {} : { project: run.project }) };
}
