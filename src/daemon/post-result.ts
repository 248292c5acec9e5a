// Stores that what a run brings is to be posted; results.ts carries it out.

import type { ProjectId, RunId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';

/** The outbox target; one of its own: however much agents have to say, it delays no escalation. */
export const RESULTS = 'results';
/** Results that wait for one issue at most; an issue that takes none would gather them for ever. */
const MOST_WAITING = 50;

/** A post as the outbox keeps it. What it says is read when it is carried out. */
export interface PostResult {
  readonly kind: 'post_result';
  readonly project: ProjectId | null;
  readonly run: RunId;
  readonly issue: number;
}

type Needs = Pick<House, 'ledger' | 'fleet' | 'clock'>;

/** Inside the transaction that ends `run`: its result is to be posted, if its agent names an issue and it ran at all. */
export function postEnd(house: Needs, run: Run, note: Note): void {
  const names = issueOf(house, run) !== null;
  if (names && (house.ledger.runs.get(run.id) ?? run).startedAt !== null) {
    post(house, { run, moment: 'end' }, note);
  }
}

/** The issue that what `run` brings is posted to now; null: none. */
export function issueOf({ fleet }: Pick<House, 'fleet'>, run: Run): number | null {
  return fleet.now.gitea === null ? null : (fleet.agent(run.agent)?.giteaIssue ?? null);
}

/** Inside a transaction: what `run` brings at `moment` is to be posted, if its agent names an issue that is not flooded. */
export function post(house: Needs, what: { readonly run: Run; readonly moment: string }, note: Note): void {
  const { ledger, clock } = house;
  const { run, moment } = what;
  const issue = issueOf(house, run);
  if (issue === null) {
    return;
  }
  const lane = `result:${run.project ?? ''}#${issue}`;
  const naturalKey = `result/${run.id}/${moment}`;
  if (ledger.outbox.list().filter((row) => row.lane === lane).length >= MOST_WAITING) {
    const left = `left out: ${MOST_WAITING} results wait for issue #${issue} already`;
    note({ kind: 'reaction.done', target: RESULTS, effect: naturalKey, note: left });
    return;
  }
  const effect: PostResult = { kind: 'post_result', project: run.project, run: run.id, issue };
  ledger.outbox.add({ target: RESULTS, lane, unit: lane, naturalKey, effect, createdAt: clock.now() });
}
