// Decides who is asked first: priority with ageing, and fair turns between projects.

import type { Queued } from './waiting.ts';

/** Waiting this long is worth one step of priority, so that nobody waits for ever. */
const AGEING_STEP_MS = 60_000;

/** What a project has had already. */
export interface Share {
  readonly live: number;
  /** Epoch ms at which a run of it was last admitted; 0: not that anybody knows. */
  readonly servedAt: number;
}

type Request = Pick<Queued, 'id' | 'project' | 'priority' | 'requestedAt'>;

interface Place<One extends Request> {
  readonly run: One;
  readonly rank: number;
  readonly turn: number;
  readonly servedAt: number;
}

/**
 * The order of `requests` at `now`. Within a project the oldest of the most urgent goes first. Between projects a request
 * has aged only since its project was last served: else the long queue of one would stay ahead of a newcomer of another.
 */
export function order<One extends Request>(
  requests: readonly One[],
  shareOf: (project: string) => Share,
  now: number,
): readonly One[] {
  const queues = Map.groupBy(requests, (run) => run.project ?? '');
  return [...queues]
    .flatMap(([project, queue]) => placesOf(queue, shareOf(project), now))
    .sort(
      (a, b) => b.rank - a.rank || a.turn - b.turn || a.servedAt - b.servedAt || a.run.requestedAt - b.run.requestedAt,
    )
    .map((place) => place.run);
}

/** The queue of one project; nobody ranks before one who stands ahead. */
function placesOf<One extends Request>(queue: readonly One[], share: Share, now: number): readonly Place<One>[] {
  const standing = [...queue].sort(
    (a, b) =>
      rankSince(b, b.requestedAt, now) - rankSince(a, a.requestedAt, now) ||
      a.requestedAt - b.requestedAt ||
      (a.id < b.id ? -1 : 1),
  );
  let rank = Number.NEGATIVE_INFINITY;
  return standing
    .map((run, index) => ({ run, turn: share.live + index }))
    .toReversed()
    .map(({ run, turn }): Place<One> => {
      rank = Math.max(rank, rankSince(run, Math.max(run.requestedAt, share.servedAt), now));
      return { run, rank, turn, servedAt: share.servedAt };
    })
    .toReversed();
}

function rankSince(run: Request, since: number, now: number): number {
  return run.priority + Math.floor(Math.max(0, now - since) / AGEING_STEP_MS);
}
