// Holds a request while the factory drains.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Nothing begins before the drain is ended. */
export const drainGate: Gate = (_request, { draining }) =>
  draining
    ? [{ kind: 'defer', reason: reason('draining', 'the factory is draining: adf drain --end lets it go on') }]
    : [];
