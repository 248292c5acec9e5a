// Puts together the environment of an agent: a short safe list of ours, what it asks for, and what agents.toml says.

import type { AgentDefinition } from '../core/fleet.ts';
import type { House } from './house.ts';

/** What of an agent says which environment it has; `provider`: the account that it runs on, null: its driver's own. */
export type EnvironmentOwner = Pick<AgentDefinition, 'project' | 'envPass' | 'env' | 'cliTool' | 'provider'>;

/** `agent` as it runs on `account`; null: on the one that it names. Field by field: whoever copies an agent reads all of it. */
export function ownerOf(
  { project, envPass, env, cliTool, provider }: EnvironmentOwner,
  account: string | null,
): EnvironmentOwner {
  return { project, envPass, env, cliTool, provider: account ?? provider };
}

/** Where the rest comes from. */
export interface EnvironmentSource {
  readonly environment: House['environment'];
  readonly fleet: Pick<House['fleet'], 'project'>;
  readonly host: Pick<House['host'], 'defaultUser'>;
  readonly driverFor: House['driverFor'];
}

/** The environment with which attempts of `agent` start; `planned` is what its driver adds. */
export function environmentOf(
  source: EnvironmentSource,
  agent: EnvironmentOwner,
  planned: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { environment, fleet, host } = source;
  const project = fleet.project(agent.project);
  const login = loginOf(source, agent);
  const user = project?.user ?? host.defaultUser;
  return {
    ...pick(environment, SAFE_NAMES),
    ...(user === null ? pick(environment, PERSONAL_NAMES) : {}),
    ...pick(environment, agent.envPass),
    ...planned,
    ...(project === null || project.home === null ? {} : { HOME: project.home }),
    ...(login === null ? {} : { [login.variable]: login.folder }),
    ...project?.env,
    ...agent.env,
  };
}

/** The folder in which the CLI of `agent` keeps the login for its account, and the variable that says so; null: none of its own. */
export function loginOf(
  { fleet, driverFor }: Pick<EnvironmentSource, 'fleet' | 'driverFor'>,
  { cliTool, project, provider }: EnvironmentOwner,
): { readonly variable: string; readonly folder: string } | null {
  const { name, loginVariable } = driverFor(cliTool);
  const found = fleet.project(project)?.credentials.find(({ account }) => account === (provider ?? name));
  return found === undefined || loginVariable === undefined ? null : { variable: loginVariable, folder: found.folder };
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
