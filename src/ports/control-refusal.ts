// How a verb of an operator is refused.

import type { RejectionReason } from '../core/trace/rejection.ts';

/**
 * A verb that cannot be carried out: `code` is stable, `message` says what to do. Codes end with `.unknown` (nothing has that
 * name; the message tells the nearest) or `.ambiguous` (several have it; the message tells them), as in `agent.unknown`;
 * any other code means "not as things stand" (`run.not_ended`, `queue_full`).
 */
export interface ControlRefusal {
  readonly refused: {
    readonly code: string;
    readonly message: string;
    /** Where a gate or a limit refused. */
    readonly rejection?: RejectionReason;
  };
}
