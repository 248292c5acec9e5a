// How far the ledger has taken the record of each host.

import type { HostCursor } from '../ports/execution-host.ts';
import type { House } from './house.ts';

/** The place in each host's record up to which everything is in `ledger`. */
export function cursorsOf(ledger: Pick<House['ledger'], 'states'>): readonly HostCursor[] {
  return [...ledger.states.all('cursor')].map(([hostId, offset]) => ({ hostId, offset: Number(offset) }));
}
