// Asks the reconciler now and then whether agents.toml is in force, and remembers since when it is not.

import type { DriftPicture } from '../core/alert/picture.ts';
import { resourceName } from '../core/reconcile/desired.ts';
import { problemLine } from '../ports/problem-view.ts';
import type { DriftView } from '../ports/reconcile-view.ts';
import type { DriftLook } from './alert-picture.ts';
import type { House } from './house.ts';

/** agents.toml is read as a whole for it, so it is not read at every look. */
const EVERY_MS = 5 * 60_000;
/** So often at least within the time after which drift is old. */
const LOOKS = 3;

/** How drift is found. */
export interface DriftParts {
  /** Rejects with its errors. */
  readonly ask: () => Promise<DriftView>;
  /** Another text as soon as a file of the configuration is; null: that cannot be told. */
  readonly fingerprint: () => string | null;
}

interface Known {
  readonly mono: number;
  readonly hash: string;
  readonly print: string | null;
  readonly seen: DriftPicture | 'none';
}

/** Looks through `ask`, and rejects with its errors. What stands in the files now is what has just been loaded. */
export function driftLook(house: Pick<House, 'clock' | 'fleet' | 'ledger'>, parts: DriftParts): DriftLook {
  const { clock, fleet, ledger } = house;
  const loaded = parts.fingerprint();
  let known: Known | null = null;
  return async () => {
    const { hash, alerts } = fleet.now;
    const print = parts.fingerprint();
    const mono = clock.monotonic();
    if (known === null && loaded !== null && ledger.attempts.open().length === 0) {
      // Nothing was taken over that an older file had started.
      known = { mono: Number.NEGATIVE_INFINITY, hash, print: loaded, seen: 'none' };
    }
    // Another configuration in force has most likely ended it.
    if (
      known !== null &&
      known.hash === hash &&
      !isOver(known, print, mono - Math.min(EVERY_MS, alerts.driftMs / LOOKS))
    ) {
      return known.seen;
    }
    const found = seenIn(await parts.ask());
    const before = known?.seen ?? 'none';
    const since = before === 'none' ? clock.now() : before.since;
    const seen = found === null ? 'none' : { ...found, since };
    known = { mono, hash, print, seen };
    return seen;
  };
}

/** Ten thousand agents take seconds to read: files that agreed with what is in force and have not changed still do. */
function isOver({ mono, print, seen }: Known, now: string | null, agedAt: number): boolean {
  const isSettled = seen === 'none' && print !== null && print === now;
  return mono <= agedAt && !isSettled;
}

function seenIn(view: DriftView): Omit<DriftPicture, 'since'> | null {
  if (view.kind === 'broken') {
    const [first] = view.errors;
    return { parts: view.errors.length, first: first === undefined ? 'an error' : problemLine(first), broken: true };
  }
  const [first] = view.changes;
  return first === undefined ? null : { parts: view.changes.length, first: resourceName(first) };
}
