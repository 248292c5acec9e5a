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

/** Whether `thrown` says that nothing could be written: the disk is full, or the ledger busy or broken. */
export function isStorageFailure(thrown: unknown): thrown is OperationalError {
  return thrown instanceof OperationalError && thrown.code === 'storage';
}
