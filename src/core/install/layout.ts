// Where an installed factory lies on its machine.

/** Paths and names of one installation; all absolute. */
export interface Layout {
  /** Holds a folder for each version, and `current`, a link to the one in force. */
  readonly programs: string;
  readonly config: string;
  /** Secrets that the manager gives the service, a file each; root alone can enter. */
  readonly credentials: string;
  readonly stateDir: string;
  readonly pauseDir: string;
  /** Folders that runs are given: outside the state directory, which no agent can pass. */
  readonly workspaceDir: string;
  readonly runtimeDir: string;
  readonly socket: string;
  readonly units: string;
  /** The command on everybody's PATH. */
  readonly command: string;
  /** Members touch and remove flags and use the CLI. */
  readonly operators: string;
  /** Runs the agents of projects that name no user. */
  readonly agentUser: string;
  readonly agentHome: string;
}

/** Places that agents.toml may move. */
export type MovablePlaces = Partial<Pick<Layout, 'pauseDir' | 'workspaceDir'>>;

/** The one layout; `moved`: what agents.toml says where there is one already. */
export function layout(moved: MovablePlaces = {}): Layout {
  return {
    programs: '/opt/dark-factory',
    config: '/etc/adf/agents.toml',
    credentials: '/etc/adf/credentials',
    stateDir: '/var/lib/adf',
    pauseDir: '/var/lib/adf-pause',
    workspaceDir: '/var/lib/adf-workspaces',
    runtimeDir: '/run/adf',
    socket: '/run/adf/adf.sock',
    units: '/etc/systemd/system',
    command: '/usr/local/bin/adf',
    operators: 'adf-operators',
    agentUser: 'adf-agent',
    agentHome: '/var/lib/adf-agent',
    ...moved,
  };
}

/** The folder of the version in force. */
export function currentProgram({ programs }: Layout): string {
  return `${programs}/current`;
}

/**
 * Input files of attempts that run as another user: beside the state directory, which no agent can pass. Everybody can pass
 * this folder and nobody but the daemon can list or change it; each file in it belongs to the user of its attempt.
 */
export function inputsFolder(stateDir: string): string {
  return `${stateDir}-inputs`;
}

/** Mode of folders that everybody can pass to what is theirs in them, and nobody but the daemon can list or change. */
export const PASSABLE_MODE = 0o711;

/** Its modification time is the last completed pass of the scheduler. */
export function heartbeatFile(stateDir: string): string {
  return `${stateDir}/heartbeat`;
}

/** Where the dead-man leaves what the daemon, once it is back, has to tell. */
export function silenceFolder(stateDir: string): string {
  return `${stateDir}/silences`;
}
