// Refuses while the project's breaker is open, also when its flag is late or could not be written.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Open and isolated refuse; probing lets the probe through and makes the rest wait. */
export const breakerGate: Gate = (request, { breaker }) => {
  switch (breaker.kind) {
    case 'closed':
    case 'half_open':
      return [];
    case 'open':
      return [{ kind: 'refuse', reason: reason('breaker.open', breaker.text) }];
    case 'isolated':
      return [{ kind: 'refuse', reason: reason('breaker.isolated', breaker.text) }];
    case 'probing':
      return request.trigger.kind === 'probe'
        ? []
        : [{ kind: 'defer', reason: reason('breaker.probing', breaker.text) }];
  }
};
