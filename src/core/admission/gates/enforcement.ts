// Refuses an agent that demands kernel limits where the kernel cannot hold them.

import { formatBytes } from '../../../lib/bytes.ts';
import { formatDuration } from '../../../lib/duration.ts';
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
    host.kernelHeld.memory ? null : `memory ${formatBytes(agent.maxMemoryBytes)}`,
    agent.maxCpuMs === null || host.kernelHeld.cpu ? null : `processor time ${formatDuration(agent.maxCpuMs)}`,
    agent.maxPids === null || host.kernelHeld.pids ? null : `${agent.maxPids} processes`,
    agent.cpuQuotaPercent === null || host.kernelHeld.cpuQuota ? null : `cpu_quota ${agent.cpuQuotaPercent}%`,
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
