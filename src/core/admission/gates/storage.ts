// Holds starts while the disk is nearly full or the ledger cannot be written: a run that cannot be recorded must not begin.

import { formatBytes } from '../../../lib/bytes.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Free space above the floor, and the last write of the ledger went well. */
export const storageGate: Gate = (_request, { host, factory }) => [
  host.diskFreeBytes !== null && host.diskFreeBytes < factory.diskFreeFloorBytes
    ? {
        kind: 'defer',
        reason: reason(
          'disk.floor',
          `${formatBytes(host.diskFreeBytes)} free, floor ${formatBytes(factory.diskFreeFloorBytes)}`,
          {
            free: host.diskFreeBytes,
            floor: factory.diskFreeFloorBytes,
          },
        ),
      }
    : null,
  host.storageFailure === null ? null : { kind: 'defer', reason: reason('storage', host.storageFailure) },
];
