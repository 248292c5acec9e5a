// Puts together the environment of an agent: a short safe list of ours, what it asks for, and what agents.toml says.

import type { AgentDefinition } from '../core/fleet.ts';
import type { House } from './house.ts';

/** What of an agent says which environment it has. */
export type EnvironmentOwner = Pick<AgentDefinition, 'project' | 'envPass' | 'env'>;

/** Where the rest comes from. */
export interface EnvironmentSource {
  readonly environment: House['environment'];
  readonly fleet: Pick<House['fleet'], 'project'>;
  readonly host: Pick<House['host'], 'defaultUser'>;
}

/** The environment with which attempts of `agent` start; `planned` is what its driver adds. */
export function environmentOf(
  { environment, fleet, host }: EnvironmentSource,
  agent: EnvironmentOwner,
  planned: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const project = fleet.project(agent.project);
  const user = project?.user ?? host.defaultUser;
  return {
    ...pick(environment, SAFE_NAMES),
    ...(user === null ? pick(environment, PERSONAL_NAMES) : {}),
    ...pick(environment, agent.envPass),
    ...planned,
    ...project?.env,
    ...agent.env,
  };
}

/** What every agent inherits of the daemon's environment; nothing else comes along unless `env_pass` names it. */
const SAFE_NAMES = ['PATH', 'LANG', 'LC_ALL', 'TZ'] as const;
/** What is true of our own user alone: an attempt of another user gets that user's from the host. */
const PERSONAL_NAMES = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR'] as const;

function pick(
  environment: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined) {
      picked[name] = value;
    }
  }
  return picked;
}
