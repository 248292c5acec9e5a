// Decides when a waiting request ends by itself: superseded by the next slot, too late, or in the queue for too long.

import type { AgentDefinition, Factory } from '../fleet.ts';
import type { Run } from '../run/run.ts';
import { reason } from './reasons.ts';
import type { Reason } from './reasons.ts';

/** Waiting slots that an exempt agent may keep: one for overlap = "queue", five for misfire run_all. */
const QUEUE_DEPTH = 1;
const RUN_ALL_DEPTH = 5;

/** Why `request` ends now without having run, or null: it waits on. `newerSlots`: later slots of the agent that wait too. */
export function expiry(
  request: Run,
  at: { readonly agent: AgentDefinition; readonly factory: Factory; readonly newerSlots: number; readonly now: number },
): Reason | null {
  const { agent, factory, newerSlots, now } = at;
  if (request.attempts > 0 || request.trigger.kind === 'safety' || request.trigger.kind === 'probe') {
    return null;
  }
  if (request.trigger.kind !== 'slot') {
    const waitedMs = now - request.requestedAt;
    return waitedMs >= factory.queueTimeoutMs
      ? reason('queue_timeout', 'waited longer than queue_timeout', { waitedMs, limitMs: factory.queueTimeoutMs })
      : null;
  }
  const depth = exemptDepth(agent);
  if (newerSlots > Math.max(0, depth - 1) || (depth === 0 && newerSlots > 0)) {
    return reason('superseded', 'the next slot came due while this one waited', { newerSlots });
  }
  const lateMs = now - request.notBefore;
  return depth === 0 && lateMs > agent.misfire.lateOkMs
    ? reason('late', 'waited longer than late_ok', { lateMs, limitMs: agent.misfire.lateOkMs })
    : null;
}

/** The instant at which `expiry` should be asked again if nothing else happens. */
export function expiresAt(request: Run, agent: AgentDefinition, factory: Factory): number {
  return request.trigger.kind === 'slot'
    ? request.notBefore + agent.misfire.lateOkMs + 1
    : request.requestedAt + factory.queueTimeoutMs;
}

function exemptDepth(agent: AgentDefinition): number {
  if (agent.misfire.policy === 'run_all') {
    return RUN_ALL_DEPTH;
  }
  return agent.overlap === 'queue' ? QUEUE_DEPTH : 0;
}
