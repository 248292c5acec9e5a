// Decides what a request does about runs of its agent that still go on.

import type { OverlapPolicy } from '../fleet.ts';
import { isBetweenAttempts } from '../run/lifecycle.ts';
import type { Run } from '../run/run.ts';

/** `replace` starts and stops the runs that go on; `wait` asks again when they have ended; `skip` ends the request. */
export type OverlapDecision = 'start' | 'replace' | 'wait' | 'skip';

/** Another try of a run is no newcomer: it never takes a place, and is never skipped. */
type Newcomer = Run['trigger']['kind'] | 'retry';

/** What `request` comes as. */
export function newcomer(request: Pick<Run, 'trigger' | 'state' | 'attempts'>): Newcomer {
  return isBetweenAttempts(request) ? 'retry' : request.trigger.kind;
}

/**
 * The decision for a newcomer while `running` other runs of its agent go on, or wait to be tried again. Only a slot is ever
 * skipped: whoever asked for a run gets one.
 */
export function decideOverlap(
  policy: OverlapPolicy,
  request: { readonly trigger: Newcomer; readonly running: number },
): OverlapDecision {
  if (request.running === 0) {
    return 'start';
  }
  switch (policy) {
    case 'allow':
      return 'start';
    case 'replace':
      return request.trigger === 'retry' ? 'wait' : 'replace';
    case 'queue':
      return 'wait';
    case 'skip':
      return request.trigger === 'slot' ? 'skip' : 'wait';
  }
}
