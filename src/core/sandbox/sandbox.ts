// Decides what of the machine an agent may reach: its own work, nothing of the factory, nothing of other projects.

import type { AgentDefinition, Fleet } from '../fleet.ts';
import { inputsFolder } from '../install/layout.ts';
import { secretFilesOf } from './secret-files.ts';
import { liesInState } from '../workspace/workspace.ts';

/** What an attempt may reach. Absolute paths; what is not there is passed over. */
export interface Sandbox {
  readonly level: 'standard' | 'strict';
  /** Written, with all below, like the home of its user. */
  readonly writable: readonly string[];
  /** Read, although it lies in what is hidden. */
  readonly readable: readonly string[];
  /** Neither seen nor reached: folders, files, sockets. */
  readonly hidden: readonly string[];
  /** Networks that it may speak to; null: all, empty: none, not even this machine. */
  readonly addresses: readonly string[] | null;
}

/** What of a sandbox a host can hold now; null: it can, else why not and what cures that. */
export interface Sandboxing {
  readonly standard: string | null;
  readonly strict: string | null;
  /** A strict one with allowed addresses. */
  readonly addresses: string | null;
}

/** Whether the sandbox of an agent closes all addresses but some. */
export function hasAddressList({
  sandbox,
  allowedAddresses,
}: Pick<AgentDefinition, 'sandbox' | 'allowedAddresses'>): boolean {
  return sandbox === 'strict' && allowedAddresses.length > 0;
}

/** Whose sandbox it is. */
export type Sandboxed = Pick<AgentDefinition, 'sandbox' | 'workingDir' | 'project' | 'allowedAddresses'> & {
  /** What it writes besides, in the folder of workspaces; null: nothing. */
  readonly folder: string | null;
  /** Where its login is kept, if not in its home. */
  readonly login: string | null;
};

/** The sandbox of `agent`, whose input files are `inputs`; null: it has none. */
export function sandboxOf(agent: Sandboxed, fleet: Fleet, inputs: readonly string[]): Sandbox | null {
  const { sandbox: level, workingDir, folder, login } = agent;
  if (level === 'off') {
    return null;
  }
  const { stateDir, pauseDir, socket, workspaceDir } = fleet.factory;
  const project = fleet.projects.find(({ id }) => id === agent.project);
  const own = [workingDir, ...(project === undefined ? [] : [project.workingDir])];
  const personal = [project?.home ?? null, folder, login].filter((path) => path !== null);
  const others = fleet.projects
    .flatMap(({ workingDir: dir, home, credentials }) => [dir, home, ...credentials.map((one) => one.folder)])
    .filter((path) => path !== null)
    .filter((path) => !own.includes(path) && !personal.includes(path));
  // Workspaces of others, as far as they are not hidden with the state.
  const workspaces = liesInState(fleet.factory) ? [] : [workspaceDir];
  const hidden = [
    stateDir,
    // Their names can be guessed, and they may belong to the same user.
    inputsFolder(stateDir),
    ...workspaces,
    pauseDir,
    ...(socket === null ? [] : [socket]),
    ...secretFilesOf(fleet),
    ...others,
    ...workplacesOfOthers(agent, fleet, [...own, ...personal]),
  ];
  return {
    level,
    writable: [...new Set([...own, ...personal])],
    readable: inputs,
    // Credentials of the unit lie in memory, where only the service itself may look.
    hidden: [...new Set(hidden)].filter((path) => path.startsWith('/')),
    addresses: level === 'strict' ? [...agent.allowedAddresses] : null,
  };
}

/** Folders of the system, which are nobody's own even where somebody works there: those below the root, and this one. */
const BELOW_ROOT = /^\/[^/]*$/;
const FOR_ALL = '/var/tmp';

/** Where agents of other projects work outside of those; what holds `ours`, or lies in it, is ours too. */
function workplacesOfOthers(agent: Sandboxed, fleet: Fleet, ours: readonly string[]): string[] {
  const folders = new Map(fleet.projects.map(({ id, workingDir }) => [id, workingDir]));
  return fleet.agents
    .filter(({ project }) => project !== agent.project)
    .filter(({ project, workingDir }) => {
      const folder = project === null ? undefined : folders.get(project);
      return folder === undefined || !isIn(workingDir, folder);
    })
    .map(({ workingDir }) => workingDir)
    .filter((path) => !BELOW_ROOT.test(path) && path !== FOR_ALL)
    .filter((path) => !ours.some((one) => isIn(one, path) || isIn(path, one)));
}

function isIn(path: string, folder: string): boolean {
  return `${path}/`.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
