// Decides who may change what is in force: one at a time, and never somebody who is gone.

/** Longest time a holder may be silent about its work before another one may begin. */
export const LEASE_MS = 30_000;

/** Who reconciles, in which process of the daemon. Plain JSON. */
export interface ReconcileLease {
  readonly token: string;
  /** The person, and what was asked for: `apply`, `reload`. */
  readonly by: string;
  readonly verb: string;
  readonly since: number;
  /** Epoch ms; renewed with each attempt. */
  readonly until: number;
  readonly daemon: { readonly bootId: string; readonly pid: number };
}

/** The lease that stands in the way of `wish`; null: none, or it is `wish`'s own, or its holder is gone. */
export function holderOf(stored: unknown, wish: ReconcileLease, now: number): ReconcileLease | null {
  const lease = stored as ReconcileLease | null;
  if (lease === null || lease.token === wish.token) {
    return null;
  }
  // One daemon has the ledger: a lease of another process is one that died with it.
  const isOurs = lease.daemon.bootId === wish.daemon.bootId && lease.daemon.pid === wish.daemon.pid;
  return isOurs && lease.until > now ? lease : null;
}
