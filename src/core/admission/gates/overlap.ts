// Holds a request while its agent still runs, as the agent's overlap policy says.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** `skip` refuses slots, `queue` (and every request by a person or event) waits, `allow` and `replace` go on. */
export const overlapGate: Gate = (request, { agent, live }) => {
  const running = live.byAgent.get(request.agent) ?? 0;
  if (agent === null || running === 0 || agent.overlap === 'allow' || agent.overlap === 'replace') {
    return [];
  }
  const numbers = { running, limit: 1 };
  if (request.trigger.kind === 'slot' && agent.overlap === 'skip') {
    return [{ kind: 'refuse', reason: reason('overlap.skip', `${agent.name} still runs (overlap = "skip")`, numbers) }];
  }
  return [{ kind: 'defer', reason: reason('overlap.queue', `${agent.name} still runs: one after the other`, numbers) }];
};
