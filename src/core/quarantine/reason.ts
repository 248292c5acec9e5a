// Why an agent is held, as data and in words.

import { formatDuration } from '../../lib/duration.ts';
import type { Ending } from '../run/failure-class.ts';

/** Why one agent is held while its project goes on. */
export type QuarantineReason =
  /** A Safety agent that ended quickly again and again, well or badly. */
  | {
      readonly kind: 'restarts_too_often';
      readonly ends: number;
      readonly windowMs: number;
      readonly lastEnding: Ending;
    }
  | {
      readonly kind: 'fails_too_often';
      readonly failures: number;
      readonly windowMs: number;
      readonly class: string;
    }
  /** It was released, and its first ending was a failure of its own. */
  | { readonly kind: 'failed_after_release'; readonly class: string };

/** One line: "5 failures of its own in a row within 7 d, the last one agent_failure". */
export function describeQuarantine(reason: QuarantineReason): string {
  switch (reason.kind) {
    case 'restarts_too_often':
      return `ended quickly ${reason.ends} times within ${formatDuration(reason.windowMs)}, the last time ${reason.lastEnding}`;
    case 'fails_too_often':
      return `${reason.failures} failures of its own in a row within ${formatDuration(reason.windowMs)}, the last one ${reason.class}`;
    case 'failed_after_release':
      return `failed again after it was released: ${reason.class}`;
  }
}
