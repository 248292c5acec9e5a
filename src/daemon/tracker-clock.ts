// The tracker's clock is not ours.

/** Clocks differ by less: nothing that we wrote there carries an instant that is earlier than ours by more. */
export const CLOCK_SLACK_MS = 3_600_000;
