// What attempts used, for sums over runs, agents, projects and providers.

import type { Spend, SpendRow, SpendScope } from '../core/budget/spend.ts';
import type { RunId } from '../core/ids.ts';

/** One row per ended attempt of a model CLI. */
export interface SpendStore {
  /** A second row of one attempt changes nothing. */
  insert(row: SpendRow): void;
  ofRun(run: RunId): readonly SpendRow[];
  /** What ended in [since, until). */
  sum(scope: SpendScope, since: number, until: number): Spend;
}
