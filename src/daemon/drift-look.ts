// Asks the reconciler now and then whether agents.toml is in force, and remembers since when it is not.

import type { DriftPicture } from '../core/alert/picture.ts';
import { resourceName } from '../core/reconcile/desired.ts';
import type { DriftView } from '../ports/reconcile-view.ts';
import type { DriftLook } from './alert-picture.ts';
import type { House } from './house.ts';

/** agents.toml is read as a whole for it, so it is not read at every look. */
const EVERY_MS = 5 * 60_000;
/** So often at least within the time after which drift is old. */
const LOOKS = 3;

/** Looks through `ask`. Rejects with its errors. */
export function driftLook(house: Pick<House, 'clock' | 'fleet'>, ask: () => Promise<DriftView>): DriftLook {
  let known: { readonly mono: number; readonly hash: string; readonly seen: DriftPicture | 'none' } | null = null;
  return async () => {
    const { clock, fleet } = house;
    const { hash, alerts } = fleet.now;
    const everyMs = Math.min(EVERY_MS, alerts.driftMs / LOOKS);
    // Another configuration in force has most likely ended it.
    if (known !== null && known.hash === hash && clock.monotonic() - known.mono < everyMs) {
      return known.seen;
    }
    const found = seenIn(await ask());
    const before = known?.seen ?? 'none';
    const since = before === 'none' ? clock.now() : before.since;
    const seen = found === null ? 'none' : { ...found, since };
    known = { mono: clock.monotonic(), hash, seen };
    return seen;
  };
}

function seenIn(view: DriftView): Omit<DriftPicture, 'since'> | null {
  if (view.kind === 'broken') {
    const [first] = view.errors;
    return { parts: view.errors.length, first: first === undefined ? 'an error' : `${first.key}: ${first.message}` };
  }
  const [first] = view.changes;
  return first === undefined ? null : { parts: view.changes.length, first: resourceName(first) };
}
