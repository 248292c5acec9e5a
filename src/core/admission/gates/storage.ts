// Holds starts while the disk is nearly full or the ledger cannot be written: a run that cannot be recorded must not begin.

import { formatBytes } from '../../../lib/bytes.ts';
import type { Gate, Objection } from '../gate.ts';
import { reason } from '../reasons.ts';
import type { Shortage } from '../shortage.ts';

/** Room and inodes above their floors, and the last write of the ledger went well. */
export const storageGate: Gate = (_request, { host }) => [
  ...host.shortages.map(objectionTo),
  host.storageFailure === null ? null : { kind: 'defer', reason: reason('storage', host.storageFailure) },
];

function objectionTo({ resource, now, limit, resumeAt }: Shortage): Objection {
  if (resource !== 'disk' && resource !== 'inodes') {
    return null;
  }
  const [shown, noun] = resource === 'disk' ? [formatBytes, ''] : [String, ' inodes'];
  const text = `${shown(now)}${noun} free, floor ${shown(limit)}; starts go on at ${shown(resumeAt)}`;
  return { kind: 'defer', reason: reason(`${resource}.floor`, text, { free: now, floor: limit, resumeAt }) };
}
