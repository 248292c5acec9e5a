// The one error type for a failing outside: a stable code, what was attempted, and the cause.

/** The outside failed. `code` is stable (tests and messages rely on it); `message` says what happened and what to do. */
export class OperationalError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OperationalError';
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * A system call that failed as what it is, the outside failing, with what was `attempted`; everything else as it came: an
 * invariant is broken.
 */
export function outside(code: string, attempted: string, thrown: unknown): unknown {
  return thrown instanceof Error && 'syscall' in thrown
    ? new OperationalError(code, `${attempted}: ${thrown.message}`, thrown)
    : thrown;
}

/** Lets an error end the process: what is told where nobody listens. */
export function rethrow(thrown: unknown): never {
  throw thrown;
}

/** Whether `thrown` says that nothing could be written: the disk is full, or the ledger busy or broken. */
export function isStorageFailure(thrown: unknown): thrown is OperationalError {
  return thrown instanceof OperationalError && thrown.code === 'storage';
}
