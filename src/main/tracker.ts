// Chooses the tracker that agents.toml asks for: the Gitea of [gitea], else the ledger itself.

import { systemClock } from '../adapters/clock/system-clock.ts';
import { GiteaTracker } from '../adapters/gitea/tracker.ts';
import { LocalTracker } from '../adapters/local-tracker/tracker.ts';
import type { Fleet, GiteaAccess } from '../core/fleet.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Tracker } from '../ports/tracker.ts';

/** The tracker of whatever configuration is in force: a reload may bring, change or take away [gitea]. */
export function trackerInForce(inForce: { readonly now: Fleet }, ledger: Pick<Ledger, 'issues'>): () => Tracker {
  const local = new LocalTracker(ledger.issues, () => systemClock.now());
  let known: { readonly gitea: GiteaAccess; readonly tracker: Tracker } | null = null;
  return () => {
    const { gitea } = inForce.now;
    if (gitea === null) {
      return local;
    }
    if (known?.gitea !== gitea) {
      known = { gitea, tracker: giteaTracker(gitea) };
    }
    return known.tracker;
  };
}

/** The Gitea of [gitea]. */
export function giteaTracker(gitea: GiteaAccess): Tracker {
  return new GiteaTracker({ ...gitea, now: () => systemClock.now() });
}
