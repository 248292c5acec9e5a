// Why a breaker tripped, as data and in words.

import { counted } from '../../lib/counted.ts';
import type { AgentKey } from '../ids.ts';

/** Why it tripped. `again`: the first counted failure after the flag was removed. */
export type TripCause =
  | {
      readonly kind: 'in_a_row' | 'same_class' | 'again';
      readonly agent: AgentKey;
      readonly class: string;
      readonly failures: number;
      readonly limit: number;
    }
  | { readonly kind: 'by_hand'; readonly by: string; readonly reason: string };

/** One line: "3 failures in a row, limit 3: agent_failure (sandbox/project-meta-sandbox)". */
export function describeCause(cause: TripCause): string {
  switch (cause.kind) {
    case 'in_a_row':
      return `${counted(cause.failures, 'failure')} in a row, limit ${cause.limit}: ${cause.class} (${cause.agent})`;
    case 'same_class':
      return `${counted(cause.failures, 'failure')} of one class within the window, limit ${cause.limit}: ${cause.class} (${cause.agent})`;
    case 'again':
      return `failed again after it was resumed: ${cause.class} (${cause.agent})`;
    case 'by_hand':
      return `tripped by ${cause.by}: ${cause.reason}`;
  }
}
