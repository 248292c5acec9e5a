// The limits of the rules, and how long a condition must hold before it is told, and be gone before it is over.

import type { AlertRule } from './alert.ts';

/** What `[alerts]` says. */
export interface AlertSettings {
  readonly enabled: boolean;
  /** Time between two looks. */
  readonly intervalMs: number;
  /** Names of the channels that are told; null: all of them. */
  readonly channels: readonly string[] | null;
  /** How long an agent that is always wanted may be missing. */
  readonly agentDownMs: number;
  /** So many restarts within an hour are a storm. */
  readonly restarts: number;
  /** So many failures within an hour are a burst. */
  readonly errors: number;
  /** Share of a budget, in percent, from which it is near. */
  readonly budgetPercent: number;
  /** How long agents.toml may differ from what is in force. */
  readonly driftMs: number;
  /** So late a pass of the scheduler is too late. */
  readonly lagMs: number;
}

/** Failures and restarts are counted over this time. */
export const COUNT_WINDOW_MS = 3_600_000;
/** A late pass is remembered for this time. */
export const LAG_WINDOW_MS = 600_000;
/** A condition that a person resolved by hand and that still holds after this time is a new alert. */
export const REOPEN_AFTER_MS = 600_000;

/** Ms for which a condition must not be seen before its alert closes: one that flutters is one alert. */
const CLEAR_MS: Readonly<Record<AlertRule, number>> = {
  agent_down: 60_000,
  restart_storm: 0,
  error_burst: 0,
  breaker_open: 0,
  flag_unwritable: 60_000,
  budget_near: 0,
  disk_low: 60_000,
  drift_old: 0,
  scheduler_lag: 0,
};

/** Ms for which the condition of `rule` must hold before it is told. */
export function graceMs(rule: AlertRule, settings: AlertSettings): number {
  return rule === 'agent_down' ? settings.agentDownMs : 0;
}

/** Ms for which it must be gone before its alert closes. */
export function clearMs(rule: AlertRule): number {
  return CLEAR_MS[rule];
}
