// Refuses an agent that demands kernel limits where the kernel cannot hold them.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** With `enforcement = "kernel"` every limit that the agent sets must be held by the kernel. */
export const enforcementGate: Gate = (_request, { agent, demand, host }) => {
  if (agent === null || demand === 'any') {
    return [];
  }
  if (host.kernelHeld === null) {
    return [
      { kind: 'defer', reason: reason('enforcement.lost', 'the execution host cannot say how it would hold limits') },
    ];
  }
  const missing = [
    host.kernelHeld.memory ? null : 'memory',
    agent.maxCpuMs === null || host.kernelHeld.cpu ? null : 'processor time',
    agent.maxPids === null || host.kernelHeld.pids ? null : 'processes',
  ].filter((name) => name !== null);
  return missing.length === 0
    ? []
    : [
        {
          kind: 'refuse',
          reason: reason(
            'enforcement.unavailable',
            `enforcement = "kernel", but the kernel does not hold ${missing.join(', ')} here: adf doctor`,
          ),
        },
      ];
};
