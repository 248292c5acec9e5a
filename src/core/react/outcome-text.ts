// Names how a run ended, in the words that an issue and its title use.

import type { Outcome } from '../run/outcome.ts';
import { unreachable } from '../../lib/unreachable.ts';

/** The one word for an unhappy end: the failure class where there is one, else the kind of end. */
export function failureName(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'failed':
      return outcome.class;
    case 'timed_out':
      return outcome.limit === 'wall' ? 'timed_out' : 'cpu_limit';
    case 'lost':
      return `lost_${outcome.cause}`;
    case 'succeeded':
    case 'stalled':
    case 'canceled':
    case 'refused':
      return outcome.kind;
    default:
      return unreachable(outcome);
  }
}

/** What is known beyond that word, as given by program or driver; empty where nothing is. */
export function failureReason(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'succeeded':
      return '';
    case 'refused':
      return outcome.reasons.map((reason) => `${reason.code}: ${reason.text}`).join('; ');
    case 'failed':
    case 'timed_out':
    case 'stalled':
    case 'canceled':
    case 'lost':
      return outcome.reason;
    default:
      return unreachable(outcome);
  }
}
