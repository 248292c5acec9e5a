// Chooses the tracker that agents.toml asks for: the Gitea of [gitea], else the ledger itself.

import { GiteaTracker } from '../adapters/gitea/tracker.ts';
import { LocalTracker } from '../adapters/local-tracker/tracker.ts';
import type { Fleet, GiteaAccess } from '../core/fleet.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Tracker } from '../ports/tracker.ts';

/** The tracker of whatever configuration is in force: a reload may bring, change or take away [gitea]. */
export function trackerInForce(
  inForce: { readonly now: Fleet },
  clock: Clock,
  ledger: Pick<Ledger, 'issues'>,
): () => Tracker {
  const now = (): number => clock.now();
  const local = new LocalTracker(ledger.issues, now);
  let known: { readonly gitea: GiteaAccess; readonly tracker: Tracker } | null = null;
  return () => {
    const { gitea } = inForce.now;
    if (gitea === null) {
      return local;
    }
    if (known?.gitea !== gitea) {
      known = { gitea, tracker: new GiteaTracker({ ...gitea, now }) };
    }
    return known.tracker;
  };
}
