// Holds an agent that was quarantined for its own repeated failures.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Waits until the quarantine is released. */
export const quarantineGate: Gate = (_request, { quarantine }) => {
  if (quarantine === null) {
    return [];
  }
  const held = reason('quarantine', quarantine.reason);
  return [{ kind: 'defer', reason: quarantine.until === null ? held : { ...held, retryAt: quarantine.until } }];
};
