// What all model CLIs have in common: how long they may be silent and how they want to be stopped.

import type { Habits } from '../ports/agent-driver.ts';

/** Deadlines as agent-clis were measured: start-up takes 2 to 12 s, a tool may compile for an hour. */
export const MODEL_CLI_HABITS: Habits = {
  separateStderr: true,
  stopManner: 'interrupt-first',
  firstOutputMs: 120_000,
  idleMs: 600_000,
  idleWithToolMs: 7_200_000,
};

/** Bytes of an agent's last words that a verdict keeps. */
export const FINAL_TEXT_BYTES = 65_536;
