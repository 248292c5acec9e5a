// What the configuration is checked against besides itself: the machine, the drivers, and how schedules are parsed.

import type { Schedule } from '../core/trigger/schedule-fields.ts';
import type { Environment } from './expand.ts';

/** The machine, as far as defaults and warnings need it. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** The program that `name` (a name on PATH, or an absolute path) would start; null: none. */
  readonly findProgram: (name: string) => string | null;
}

/** A schedule, or why a text is none. */
export type CronResult =
  | { readonly kind: 'ok'; readonly schedule: Schedule }
  | { readonly kind: 'error'; readonly message: string };

/** Everything outside agents.toml that decides what it means. */
export interface World {
  readonly env: Environment;
  readonly machine: Machine;
  /** Names that `cli_tool` can have besides programs. */
  readonly drivers: readonly string[];
  readonly parseCron: (text: string) => CronResult;
  /** `$STATE_DIRECTORY` of a service; null: not started by one. */
  readonly stateDirectory: string | null;
  /** A person watches: draining is shorter by default. */
  readonly foreground: boolean;
}
