// Why a gate said no: a stable code, a sentence and the numbers that were compared.

/** One gate's objection. `code` is stable (`slots.project`), `text` carries the numbers (`running 2, limit 2`). */
export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
  /** The numbers compared, by name; empty where there are none. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Epoch ms from which asking again may help, where that is known. */
  readonly retryAt?: number;
}

/** Every code that a verdict can carry. */
export type ReasonCode =
  | 'agent.disabled'
  | 'agent.removed'
  | 'project.disabled'
  | 'project.paused'
  | 'factory.paused'
  | 'breaker.open'
  | 'breaker.isolated'
  | 'breaker.probing'
  | 'overlap.skip'
  | 'overlap.queue'
  | 'precheck.nothing_to_do'
  | 'no_effect'
  | 'duplicate'
  | 'duplicate.clock_step'
  | 'late'
  | 'superseded'
  | 'queue_timeout'
  | 'queue_full'
  | 'enforcement.unavailable'
  | 'enforcement.lost'
  | 'sandbox.unavailable'
  | 'slots.factory'
  | 'slots.project'
  | 'memory.promised'
  | 'draining'
  | 'quarantine'
  | 'budget.spent'
  | 'budget.reserved'
  | 'provider.held'
  | 'provider.probing'
  | 'memory.pressure'
  | 'cpu.pressure'
  | 'deaths'
  | 'disk.floor'
  | 'inodes.floor'
  | 'storage'
  | 'missed.down'
  | 'missed.clock_step'
  | 'missed.cap';

/** A reason with its numbers; the one way in which gates make them. */
export function reason(code: ReasonCode, text: string, numbers: Readonly<Record<string, number>> = {}): Reason {
  return { code, text, numbers };
}
