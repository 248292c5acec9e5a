// The two windows in which failures and restarts of an agent are counted, newest instant included, oldest excluded.

/** Failures are counted over the last hour. */
export const FAILURE_WINDOW_MS = 3_600_000;

/** Restarts are counted over the last day. */
export const RESTART_WINDOW_MS = 86_400_000;
