// Decides what a request does about runs of its agent that still go on.

import type { OverlapPolicy } from '../fleet.ts';
import type { Trigger } from '../run/run.ts';

/** `replace` starts and stops the runs that go on; `wait` asks again when they have ended; `skip` ends the request. */
export type OverlapDecision = 'start' | 'replace' | 'wait' | 'skip';

/** The decision for a request of `trigger` while `running` runs of its agent go on. Only a slot is ever skipped: whoever asked for a run gets one. */
export function decideOverlap(
  policy: OverlapPolicy,
  request: { readonly trigger: Trigger['kind']; readonly running: number },
): OverlapDecision {
  if (request.running === 0) {
    return 'start';
  }
  switch (policy) {
    case 'allow':
      return 'start';
    case 'replace':
      return 'replace';
    case 'queue':
      return 'wait';
    case 'skip':
      return request.trigger === 'slot' ? 'skip' : 'wait';
  }
}
