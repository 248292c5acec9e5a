// Holds a request while slots or promised memory are used up.

import { formatBytes } from '../../../lib/bytes.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';
import type { ReasonCode } from '../reasons.ts';

const PROMISED_SHARE = 0.8;

/** How much of a machine's `memoryBytes` may be promised to live runs. */
export function promisableBytes(memoryBytes: number): number {
  return Math.floor(memoryBytes * PROMISED_SHARE);
}

/** Slots of factory and project, memory. */
export const capacityGate: Gate = (request, { factory, project, agent, live, host }) => {
  const memoryLimit = promisableBytes(host.totalMemoryBytes);
  const wanted = agent?.maxMemoryBytes ?? 0;
  return [
    slots('slots.factory', live.total, factory.maxConcurrentAgents),
    project === null
      ? null
      : slots('slots.project', live.byProject.get(request.project ?? '') ?? 0, project.maxConcurrentAgents),
    live.promisedMemoryBytes + wanted > memoryLimit
      ? {
          kind: 'defer',
          reason: reason(
            'memory.promised',
            `${formatBytes(live.promisedMemoryBytes)} promised + ${formatBytes(wanted)} wanted, limit ${formatBytes(memoryLimit)}`,
            { promised: live.promisedMemoryBytes, wanted, limit: memoryLimit },
          ),
        }
      : null,
  ];
};

function slots(code: ReasonCode, running: number, limit: number): ReturnType<typeof capacityGate>[number] {
  return running < limit
    ? null
    : { kind: 'defer', reason: reason(code, `running ${running}, limit ${limit}`, { running, limit }) };
}
