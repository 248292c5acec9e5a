// A failure or a success that a driver concludes from its CLI's words, with what proves it.

import type { FailureClass } from '../core/run/outcome.ts';

/** A failure; `evidence` holds our words, field names and codes, never the agent's prose. */
export interface Finding {
  readonly class: FailureClass;
  readonly evidence: string;
  readonly retryAfterMs?: number | null;
  readonly resetAt?: number | null;
}

/** A success and what proves it. */
export interface Proof {
  readonly class: null;
  readonly evidence: string;
}
