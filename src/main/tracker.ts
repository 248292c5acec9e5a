// Chooses the tracker that agents.toml asks for: the Gitea of [gitea], else the ledger itself.

import { GiteaTracker } from '../adapters/gitea/tracker.ts';
import { LocalTracker } from '../adapters/local-tracker/tracker.ts';
import { secretPath } from '../config/secret-place.ts';
import type { Fleet, GiteaAccess } from '../core/fleet.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Tracker } from '../ports/tracker.ts';

/** The tracker of whatever configuration is in force: a reload may bring, change or take away [gitea]. */
export function trackerInForce(
  inForce: { readonly now: Fleet },
  parts: {
    readonly clock: Clock;
    readonly ledger: Pick<Ledger, 'issues'>;
    readonly environment: Readonly<Record<string, string>>;
  },
): () => Tracker {
  const now = (): number => parts.clock.now();
  const local = new LocalTracker(parts.ledger.issues, now);
  let known: { readonly gitea: GiteaAccess; readonly tracker: Tracker } | null = null;
  return () => {
    const { gitea } = inForce.now;
    if (gitea === null) {
      return local;
    }
    if (known?.gitea !== gitea) {
      const tokenFile = secretPath(gitea.tokenFile, parts.environment);
      known = { gitea, tracker: new GiteaTracker({ ...gitea, tokenFile, now }) };
    }
    return known.tracker;
  };
}
