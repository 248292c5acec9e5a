// What doctor says of each project: whether the user of its agents can work there, and with what.

import { userInfo } from 'node:os';
import { runProgram } from '../adapters/program.ts';
import { findAccount } from '../adapters/account.ts';
import type { DoctorCheck } from '../cli/local.ts';
import type { AgentDefinition, Fleet, Project } from '../core/fleet.ts';
import { liesInState } from '../core/workspace/workspace.ts';
import { environmentOf, loginOf } from '../daemon/environment.ts';
import { LOGINS } from '../drivers/logins.ts';
import { driverFor } from '../drivers/registry.ts';
import { finding, ok } from './findings.ts';

const LOOK_TIMEOUT_MS = 10_000;

/**
 * Runs as the agents' user, because only the kernel knows what that user may do, and because git in a tree that an agent can
 * write may run what the agent left there. $1 is the folder, then programs, `--`, files of logins, `--`, and folders that
 * nobody else may enter.
 */
const LOOK = `
cd -- "$1" 2>/dev/null && [ -r . ] && echo reads
[ -w "$1" ] && echo writes
said=$(git -C "$1" rev-parse --git-dir 2>&1) || case $said in *"dubious ownership"*) echo dubious ;; esac
shift
while [ "$1" != -- ]; do command -v -- "$1" >/dev/null && echo "has $1"; shift; done
shift
while [ "$1" != -- ]; do [ -r "$1" ] && echo "login $1"; shift; done
shift
for folder; do [ "$(stat -c %u.%a -- "$folder" 2>&1)" = "$(id -u).700" ] && echo "private $folder"; done
:`;

/** Whom agents are and what they are given. */
export interface ProjectsInput {
  readonly fleet: Fleet;
  /** User of agents whose project names none; null: our own. */
  readonly defaultUser: string | null;
  readonly environment: Readonly<Record<string, string>>;
}

interface Place {
  readonly project: Project;
  readonly agents: readonly AgentDefinition[];
  readonly user: string;
  /** What was seen, a word or two each. */
  readonly seen: ReadonlySet<string>;
  /** Files any of which is the login of an agent's CLI. */
  readonly logins: ReadonlyMap<AgentDefinition, readonly string[]>;
}

/** A line or more for each project that has agents. */
export async function projects(input: ProjectsInput): Promise<readonly DoctorCheck[]> {
  const { fleet } = input;
  const checks: DoctorCheck[] = [];
  for (const project of fleet.projects) {
    const agents = fleet.agents.filter((agent) => agent.project === project.id);
    checks.push(...(agents.length === 0 ? [] : await projectChecks(project, agents, input)));
  }
  return checks;
}

async function projectChecks(
  project: Project,
  agents: readonly AgentDefinition[],
  input: ProjectsInput,
): Promise<readonly DoctorCheck[]> {
  const own = userInfo();
  const user = project.user ?? input.defaultUser ?? own.username;
  const path = input.environment['PATH'] ?? '/usr/bin:/bin';
  if (user !== own.username && own.uid !== 0) {
    return [finding('limited project', `${project.id}: only root can look for ${user}`, 'sudo adf doctor')];
  }
  const account = await findAccount(user, path);
  if (account === null) {
    return [
      finding('missing project', `${project.id}: there is no user ${user}`, `useradd --system --create-home ${user}`),
    ];
  }
  // Under the machine's manager agents have a user of their own; elsewhere they are the factory's.
  if (input.defaultUser !== null && account.uid === own.uid) {
    const cure = `user = "${input.defaultUser}" in [[projects]] of ${project.id}`;
    return [finding('limited project', `${project.id}: nothing runs as ${user}, the user of the factory`, cure)];
  }
  const usual = user === own.username ? (input.environment['HOME'] ?? account.home) : account.home;
  const home = project.home ?? usual;
  const tools = [...new Set(agents.map((agent) => agent.cliTool))];
  const logins = new Map(agents.map((agent) => [agent, loginFiles(agent, home, input)] as const));
  const words = [
    '/bin/sh',
    '-c',
    LOOK,
    'adf',
    project.workingDir,
    ...tools,
    '--',
    ...new Set([...logins.values()].flat()),
    '--',
    ...privateFolders(project),
  ] as const;
  const { stdout, failure } = await runProgram({
    argv: user === own.username ? [...words] : ['runuser', '-u', user, '--', ...words],
    env: { PATH: path, ...project.env, HOME: home, LC_ALL: 'C' },
    timeoutMs: LOOK_TIMEOUT_MS,
  });
  return failure === null
    ? judged({ project, agents, user, seen: new Set(stdout.split('\n')), logins }, input)
    : [finding('limited project', `${project.id}: nobody can look as ${user}: ${failure}`, null)];
}

function judged(place: Place, input: ProjectsInput): readonly DoctorCheck[] {
  const { project, user, seen, agents } = place;
  const { id, workingDir } = project;
  const may = (what: string): string => `setfacl -R -m u:${user}:${what},d:u:${user}:${what} ${workingDir}`;
  const wrong = [
    ...(seen.has('reads')
      ? []
      : [finding('missing project', `${id}: ${user} cannot enter and read ${workingDir}`, may('rX'))]),
    ...(seen.has('writes')
      ? []
      : [finding('limited project', `${id}: ${user} cannot write ${workingDir}`, may('rwX'))]),
    ...(seen.has('dubious')
      ? [
          finding(
            'missing project',
            `${id}: git of ${user} refuses ${workingDir}, which belongs to somebody else`,
            `${commandOf(place)} git config --global --add safe.directory ${workingDir}`,
          ),
        ]
      : []),
    ...privateFolders(project)
      .filter((folder) => !seen.has(`private ${folder}`))
      .map((folder) =>
        finding(
          'missing project',
          `${id}: ${folder} is no folder that ${user} alone can enter`,
          `install -d -m 0700 -o ${user} ${folder}`,
        ),
      ),
    ...unusedLogins(place),
    ...workspaceChecks(place, input),
    ...[...new Set(agents.map((agent) => agent.cliTool))].flatMap((tool) => toolChecks(tool, place, input.environment)),
  ];
  return wrong.length > 0 ? wrong : [ok('project', `${id}: ${user} can work in ${workingDir}`)];
}

/** Runs that could not be given a folder of their own. */
function workspaceChecks({ project, agents, user }: Place, { fleet }: ProjectsInput): readonly DoctorCheck[] {
  const { factory } = fleet;
  const own = agents.filter((agent) => agent.workspace !== 'shared').map(({ name }) => name);
  return own.length === 0 || user === userInfo().username || !liesInState(factory)
    ? []
    : [
        finding(
          'missing project',
          `${project.id}: ${user} cannot enter ${factory.workspaceDir}: nothing is started of ${own.join(', ')}`,
          'set [factory] workspace_dir = "/var/lib/adf-workspaces", then: adf install',
        ),
      ];
}

/** Logins that no agent of the project is given. */
function unusedLogins({ project, agents }: Place): readonly DoctorCheck[] {
  const accounts = new Set(agents.map(({ provider, cliTool }) => provider ?? driverFor(cliTool).name));
  return project.credentials
    .filter(({ account }) => !accounts.has(account) && !agents.some((agent) => agent.fallbackProvider === account))
    .map(({ account }) =>
      finding(
        'limited project',
        `${project.id}: no agent runs on the account ${account}, for which it has credentials`,
        `set provider = "${account}" at its agents, or remove it`,
      ),
    );
}

function privateFolders({ home, credentials }: Project): readonly string[] {
  return [...new Set([...(home === null ? [] : [home]), ...credentials.map(({ folder }) => folder)])];
}

/** The beginning of a command that is to be typed for the user of a project, with what the CLI of `agent` is told of its login. */
function commandOf({ project, user }: Pick<Place, 'project' | 'user'>, agent?: AgentDefinition): string {
  const { home } = project;
  const login = agent === undefined ? null : loginOf({ fleet: { project: () => project }, driverFor }, agent);
  const variables = [
    ...(home === null ? [] : [`HOME=${home}`]),
    ...(login === null ? [] : [`${login.variable}=${login.folder}`]),
  ];
  return `sudo -u ${user} -H${variables.length === 0 ? '' : ` env ${variables.join(' ')}`}`;
}

function toolChecks(tool: string, place: Place, environment: ProjectsInput['environment']): readonly DoctorCheck[] {
  const { project, agents, user, seen } = place;
  const users = agents.filter((agent) => agent.cliTool === tool);
  // An agent with a PATH of its own is told by its own runs.
  if (!seen.has(`has ${tool}`) && users.some((agent) => agent.env['PATH'] === project.env['PATH'])) {
    const cure = `install ${tool} for ${user}, or set env.PATH of project ${project.id}`;
    return [finding('missing project', `${project.id}: ${user} finds no program ${tool}`, cure)];
  }
  const login = LOGINS[driverFor(tool).name];
  if (login === undefined) {
    return [];
  }
  const hasFile = (agent: AgentDefinition) =>
    place.logins.get(agent)?.some((file) => seen.has(`login ${file}`)) === true;
  const hasVariable = (agent: AgentDefinition) => login.variables.some((name) => isGiven(name, agent, environment));
  const without = users.filter((agent) => !hasFile(agent) && !hasVariable(agent));
  return without.length === 0
    ? []
    : [
        finding(
          'limited project',
          `${project.id}: no login of ${tool} is found for ${user} (${without.map(({ name }) => name).join(', ')})`,
          `${commandOf(place, without[0])} ${login.command}, or give ${login.variables[0] ?? ''} as a secret`,
        ),
      ];
}

function loginFiles(agent: AgentDefinition, home: string, { fleet, environment }: ProjectsInput): readonly string[] {
  const inForce = {
    project: (id: Project['id'] | null) => fleet.projects.find((project) => project.id === id) ?? null,
  };
  const env = environmentOf({ environment, fleet: inForce, host: { defaultUser: null }, driverFor }, agent);
  return driverFor(agent.cliTool).credentialFiles?.({ HOME: home, ...env }) ?? [];
}

function isGiven(name: string, agent: AgentDefinition, environment: ProjectsInput['environment']): boolean {
  return (
    Object.hasOwn(agent.env, name) ||
    agent.secrets.includes(name) ||
    (agent.envPass.includes(name) && environment[name] !== undefined)
  );
}
