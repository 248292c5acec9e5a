// Holds a request while its agent still runs, as the agent's overlap policy says.

import { decideOverlap, newcomer } from '../../trigger/overlap.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** `skip` refuses slots, `queue` (and every request by a person or event) waits, `allow` and `replace` go on. */
export const overlapGate: Gate = (request, { agent, live }) => {
  if (agent === null) {
    return [];
  }
  const trigger = newcomer(request);
  const between = (live.betweenAttempts.get(request.agent) ?? 0) - (trigger === 'retry' ? 1 : 0);
  const running = (live.byAgent.get(request.agent) ?? 0) + between;
  // Replicas are one wish each: only as many as are wanted are ever asked for.
  if (request.trigger.kind === 'safety' && running < agent.replicas) {
    return [];
  }
  const numbers = { running, limit: 1 };
  switch (decideOverlap(agent.overlap, { trigger, running })) {
    case 'start':
    case 'replace':
      return [];
    case 'skip':
      return [
        { kind: 'refuse', reason: reason('overlap.skip', `${agent.name} still runs (overlap = "skip")`, numbers) },
      ];
    case 'wait':
      return [
        { kind: 'defer', reason: reason('overlap.queue', `${agent.name} still runs: one after the other`, numbers) },
      ];
  }
};
