// Decides when so many attempts died that something of the machine is killing them, and new ones should not be fed to it.

/** Deaths this close together belong together. */
export const DEATH_WINDOW_MS = 30_000;
/** So many of them hold new starts; more than half of five or more found dead in one look are as many. */
export const MANY_DEATHS = 3;
/** Instants kept: nothing needs more. */
const MOST_KEPT = 100;

/** What is remembered: plain JSON in the ledger. */
export interface Deaths {
  readonly version: 1;
  /** Epoch ms, oldest first, those of the window only. */
  readonly at: readonly number[];
  /** When they were many for the last time, epoch ms; null: never. */
  readonly manyAt: number | null;
}

/** New starts are held, and by how many deaths. */
export interface DeathHold {
  readonly count: number;
  /** Epoch ms. */
  readonly until: number;
}

/** Nobody died. */
export const NO_DEATHS: Deaths = { version: 1, at: [], manyAt: null };

/**
 * What is remembered after an attempt died at `now` of a cause that is neither its own nor ours. Deaths at 10:00:00,
 * 10:00:10 and 10:00:30 are many; had the last come at 10:00:31, they would not be.
 */
export function afterDeath(before: Deaths, now: number): Deaths {
  // After a step of the clock backwards old instants lie ahead: they say nothing any more.
  const recent = before.at.filter((at) => at <= now && now - at <= DEATH_WINDOW_MS);
  const at = [...recent, now].slice(-MOST_KEPT);
  return { version: 1, at, manyAt: at.length >= MANY_DEATHS ? now : before.manyAt };
}

/** New starts are held for `holdMs` after deaths were many; null: not at `now`. A clock that was set back does not make it longer. */
export function deathHold({ at, manyAt }: Deaths, now: number, holdMs: number): DeathHold | null {
  const isInForce = manyAt !== null && manyAt <= now && now < manyAt + holdMs;
  return isInForce ? { count: at.length, until: manyAt + holdMs } : null;
}
