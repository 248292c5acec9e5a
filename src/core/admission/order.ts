// Decides who is asked first: priority with ageing, and fair turns between projects.

import type { Run } from '../run/run.ts';

/** Waiting this long is worth one step of priority, so that nobody waits for ever. */
const AGEING_STEP_MS = 60_000;

/** The order of `requests` at `now`; `liveOf` says how many live runs a project has. */
export function order(requests: readonly Run[], liveOf: (project: string) => number, now: number): readonly Run[] {
  const ranked = requests.map((run) => ({
    run,
    rank: run.priority + Math.floor(Math.max(0, now - run.requestedAt) / AGEING_STEP_MS),
  }));
  ranked.sort((a, b) => b.rank - a.rank || a.run.requestedAt - b.run.requestedAt || (a.run.id < b.run.id ? -1 : 1));
  // Within one rank projects take turns, those with fewer live runs first: a project with a long queue cannot hide others.
  const turns = new Map<string, number>();
  const placed = ranked.map((entry) => {
    const project = entry.run.project ?? '';
    const key = `${entry.rank} ${project}`;
    const turn = turns.get(key) ?? liveOf(project);
    turns.set(key, turn + 1);
    return { ...entry, turn };
  });
  placed.sort((a, b) => b.rank - a.rank || a.turn - b.turn);
  return placed.map((entry) => entry.run);
}
