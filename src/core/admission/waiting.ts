// Decides when a waiting request ends by itself: superseded by the next slot, too late, or in the queue for too long.

import { formatDuration } from '../../lib/duration.ts';
import type { AgentDefinition, Factory } from '../fleet.ts';
import type { Run } from '../run/run.ts';
import { reason } from './reasons.ts';
import type { Reason } from './reasons.ts';

/** A waiting request as far as its turn and its time depend on it: read of everybody at once, however many wait. */
export interface Queued extends Pick<
  Run,
  'id' | 'agent' | 'project' | 'state' | 'priority' | 'requestedAt' | 'notBefore' | 'attempts'
> {
  readonly trigger: { readonly kind: Run['trigger']['kind'] };
  /** Null: it is not for a slot. */
  readonly slotAt: number | null;
}

type Timed = Pick<Queued, 'trigger' | 'attempts' | 'requestedAt' | 'notBefore'>;

/** Waiting slots that an exempt agent may keep: one for overlap = "queue", five for misfire run_all. */
const QUEUE_DEPTH = 1;
const RUN_ALL_DEPTH = 5;

/** Why `request` ends now without having run, or null: it waits on. `newerSlots`: later slots of the agent that wait too. */
export function expiry(
  request: Run,
  at: { readonly agent: AgentDefinition; readonly factory: Factory; readonly newerSlots: number; readonly now: number },
): Reason | null {
  const { agent, factory, newerSlots, now } = at;
  if (isStanding(request)) {
    return null;
  }
  if (request.trigger.kind !== 'slot' || request.attempts > 0) {
    const limitMs = factory.queueTimeoutMs;
    const waitedMs = now - waitsSince(request);
    return waitedMs >= limitMs
      ? reason('queue_timeout', `waited ${formatDuration(waitedMs)}, queue_timeout ${formatDuration(limitMs)}`, {
          waitedMs,
          limitMs,
        })
      : null;
  }
  const depth = exemptDepth(agent);
  if (newerSlots > Math.max(0, depth - 1) || (depth === 0 && newerSlots > 0)) {
    return reason('superseded', 'the next slot came due while this one waited', {
      newerSlots,
      limit: Math.max(1, depth),
    });
  }
  const lateMs = now - request.notBefore;
  return depth === 0 && lateMs > agent.misfire.lateOkMs
    ? reason('late', `late by ${formatDuration(lateMs)}, late_ok ${formatDuration(agent.misfire.lateOkMs)}`, {
        lateMs,
        limitMs: agent.misfire.lateOkMs,
      })
    : null;
}

/** The instant at which `expiry` should be asked again if nothing else happens; Infinity: it will not say anything else. */
export function expiresAt(request: Timed, agent: AgentDefinition, factory: Factory): number {
  if (isStanding(request)) {
    return Number.POSITIVE_INFINITY;
  }
  if (request.trigger.kind !== 'slot' || request.attempts > 0) {
    return waitsSince(request) + factory.queueTimeoutMs;
  }
  return exemptDepth(agent) > 0 ? Number.POSITIVE_INFINITY : request.notBefore + agent.misfire.lateOkMs + 1;
}

/** Wishes of the house itself: they wait for as long as it takes. */
function isStanding(request: Timed): boolean {
  return request.trigger.kind === 'safety' || request.trigger.kind === 'probe';
}

/** A retry waits since its backoff was over, everybody else since the request. */
function waitsSince(request: Timed): number {
  return request.attempts > 0 ? request.notBefore : request.requestedAt;
}

function exemptDepth(agent: AgentDefinition): number {
  if (agent.misfire.policy === 'run_all') {
    return RUN_ALL_DEPTH;
  }
  return agent.overlap === 'queue' ? QUEUE_DEPTH : 0;
}
