// The lease on a state directory: one daemon at a time, proved by process identity and a fencing number.

import { OperationalError } from '../../lib/operational-error.ts';
import type { ProcessIdentity } from '../../ports/execution-host.ts';
import type { Db } from './open.ts';

/** Takes the lease for `self`; the fence that every later write is checked against. Error `lease_held` names the holder. */
export function takeLease(db: Db, self: ProcessIdentity, isAlive: (identity: ProcessIdentity) => boolean): number {
  return db
    .transaction(() => {
      const row = db.prepare('SELECT fence, holder FROM lease').get() as { fence: number; holder: string | null };
      const holder = row.holder === null ? null : (JSON.parse(row.holder) as ProcessIdentity);
      const isSelf = holder?.bootId === self.bootId && holder.pid === self.pid && holder.startTicks === self.startTicks;
      if (holder !== null && !isSelf && isAlive(holder)) {
        throw new OperationalError(
          'lease_held',
          `another dark-factory (pid ${holder.pid}) uses this state directory: stop it, or choose another state_dir`,
        );
      }
      db.prepare('UPDATE lease SET fence = ?, holder = ?').run(row.fence + 1, JSON.stringify(self));
      return row.fence + 1;
    })
    .immediate();
}

/** Gives the lease back, if it is still ours. */
export function releaseLease(db: Db, fence: number): void {
  db.prepare('UPDATE lease SET holder = NULL WHERE fence = ?').run(fence);
}
