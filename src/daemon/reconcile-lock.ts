// One at a time changes what is in force: the lock is a lease in the ledger, so that nobody waits for the dead.

import { LEASE_MS, holderOf } from '../core/reconcile/lease.ts';
import type { ReconcileLease } from '../core/reconcile/lease.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { House } from './house.ts';

const KEY = 'lease';

/** The lock of one daemon. Pausing and canceling never ask for it. */
export class ReconcileLock {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'boot' | 'chance'>;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'boot' | 'chance'>) {
    this.#house = house;
  }

  /** Takes the lease for `by`, or tells who holds it. */
  take(by: string, verb: string): { readonly lease: ReconcileLease } | { readonly holder: ReconcileLease } {
    const { clock, ledger, boot, chance } = this.#house;
    const now = clock.now();
    const lease: ReconcileLease = {
      token: chance.uuid(),
      by,
      verb,
      since: now,
      until: now + LEASE_MS,
      daemon: { bootId: boot.bootId, pid: boot.pid },
    };
    return ledger.transact(() => {
      const holder = holderOf(ledger.states.get('reconcile', KEY), lease, now);
      if (holder !== null) {
        return { holder };
      }
      ledger.states.set('reconcile', KEY, lease);
      return { lease };
    });
  }

  /** In a transaction of the holder: goes on holding it. Throws OperationalError `reconcile.lease_lost` when it ran out meanwhile. */
  renew(lease: ReconcileLease): void {
    const { clock, ledger } = this.#house;
    const stored = this.#stored();
    if (stored?.token !== lease.token) {
      throw new OperationalError(
        'reconcile.lease_lost',
        `${lease.verb} by ${lease.by} took longer than its lease, and ${stored?.by ?? 'somebody else'} has begun meanwhile: look with adf drift`,
      );
    }
    ledger.states.set('reconcile', KEY, { ...lease, until: clock.now() + LEASE_MS });
  }

  /** In a transaction of the holder: gives it back, if it still has it. */
  release(lease: ReconcileLease): void {
    if (this.isHeld(lease)) {
      this.#house.ledger.states.remove('reconcile', KEY);
    }
  }

  /** Whether `lease` is still the one that counts. */
  isHeld(lease: ReconcileLease): boolean {
    return this.#stored()?.token === lease.token;
  }

  #stored(): ReconcileLease | null {
    return this.#house.ledger.states.get('reconcile', KEY) as ReconcileLease | null;
  }
}
