// The secrets that agents.toml names, as they are outside it.

import type { AgentDefinition } from '../core/fleet.ts';

/** The secrets of agents.toml, whose values lie outside. */
export interface SecretValues {
  /** What `agent` is given, by the names of its variables. Rejects with OperationalError `secret.…`. */
  of(agent: AgentDefinition): Promise<Readonly<Record<string, string>>>;
  /** Every value that must not be seen anywhere. */
  known(): readonly string[];
}
