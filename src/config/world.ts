// What the configuration is checked against besides itself: the environment, the machine, the drivers.

import type { Environment } from './expand.ts';

/** The machine, as far as defaults and warnings need it. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** The program that `name` (a name on PATH, or an absolute path) would start; null: none. */
  readonly findProgram: (name: string) => string | null;
}

/** Everything outside agents.toml that decides what it means. */
export interface World {
  readonly env: Environment;
  readonly machine: Machine;
  /** Names that `cli_tool` can have besides programs. */
  readonly drivers: readonly string[];
  /** `$STATE_DIRECTORY` of a service; null: not started by one. */
  readonly stateDirectory: string | null;
  /** A person watches: draining is shorter by default. */
  readonly foreground: boolean;
}
