// Plans what installing, upgrading and uninstalling change on a machine: a list of small steps, each harmless when done twice.

import type { Fleet } from '../fleet.ts';
import { currentProgram, inputsFolder, PASSABLE_MODE, type Layout } from './layout.ts';
import {
  deadmanScript,
  deadmanScriptPath,
  deadmanTimer,
  deadmanUnit,
  firstConfig,
  serviceUnit,
  sliceUnit,
} from './unit-texts.ts';

/** One step. Carrying it out where it is done already changes nothing. */
export type Step =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'user'; readonly name: string; readonly home: string }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly group: string | null }
  /** That user alone can enter it. */
  | { readonly kind: 'private_folder'; readonly path: string; readonly user: string }
  /** `once`: a person's from then on, never written again. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
      readonly once: boolean;
    }
  /** The program's own files from `from`, as a whole or not at all. */
  | { readonly kind: 'program'; readonly from: string; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'absent'; readonly path: string }
  /** Removed only where nothing is in it. */
  | { readonly kind: 'no_empty_folder'; readonly path: string }
  /** `ifChanged`: only where a step before it changed something. `ifThere`: only where this path is there. */
  | {
      readonly kind: 'command';
      readonly argv: readonly [string, ...string[]];
      readonly ifChanged: boolean;
      readonly ifThere?: string;
    };

/** Which program is to be installed. */
export interface Program {
  readonly version: string;
  readonly root: string;
}

/** What agents.toml wants of the machine. */
export interface Wanted {
  readonly own: readonly PrivateFolder[];
  /** Names of secrets that the service is to be given. */
  readonly credentials: readonly string[];
}

const NOTHING: Wanted = { own: [], credentials: [] };

/** A home or the folder of a login, that agents.toml gives the agents of a project. */
export interface PrivateFolder {
  readonly path: string;
  readonly user: string;
}

/** Those of all projects; who has no user of its own runs as `agentUser`. */
export function privateFolders(projects: Fleet['projects'], { agentUser }: Layout): readonly PrivateFolder[] {
  const folders = projects.flatMap(({ user, home, credentials }) =>
    [...(home === null ? [] : [home]), ...credentials.map(({ folder }) => folder)].map((path) => ({
      path,
      user: user ?? agentUser,
    })),
  );
  return [...new Map(folders.map((folder) => [folder.path, folder])).values()];
}

const UNITS = ['adf.service', 'adf-agents.slice', 'adf-deadman.service', 'adf-deadman.timer'] as const;

/** Everything that makes the machine a build host of the factory. The service is enabled, and started by a person. */
export function installSteps(place: Layout, program: Program, wanted: Wanted = NOTHING): Step[] {
  const { stateDir, pauseDir, operators } = place;
  return [
    { kind: 'group', name: operators },
    { kind: 'user', name: place.agentUser, home: place.agentHome },
    { kind: 'folder', path: stateDir, mode: 0o700, group: null },
    ...passableSteps(place),
    { kind: 'folder', path: pauseDir, mode: 0o2770, group: operators },
    ...privateSteps(wanted.own),
    { kind: 'file', path: place.config, text: firstConfig(place), mode: 0o644, once: true },
    credentialsStep(place),
    ...programSteps(place, program),
    ...unitSteps(place, wanted.credentials),
    { kind: 'command', argv: ['systemctl', 'daemon-reload'], ifChanged: true },
    { kind: 'command', argv: ['systemctl', 'enable', '--quiet', 'adf.service'], ifChanged: true },
    { kind: 'command', argv: ['systemctl', 'enable', '--quiet', '--now', 'adf-deadman.timer'], ifChanged: true },
  ];
}

/** Puts another version into force; no folder of an older one is removed, because agents may still run from it. */
export function upgradeSteps(place: Layout, program: Program, wanted: Wanted = NOTHING): Step[] {
  return [
    ...passableSteps(place),
    ...privateSteps(wanted.own),
    credentialsStep(place),
    ...programSteps(place, program),
    ...unitSteps(place, wanted.credentials),
    { kind: 'command', argv: ['systemctl', 'daemon-reload'], ifChanged: true },
    { kind: 'command', argv: ['systemctl', 'try-restart', 'adf.service'], ifChanged: true },
  ];
}

/** Takes the service away. Agents that run go on; ledger, flags, work, agents.toml, users and programs stay. */
export function uninstallSteps(place: Layout): Step[] {
  return [
    ...(['adf-deadman.timer', 'adf.service'] as const).map((unit): Step => ({
      kind: 'command',
      argv: ['systemctl', 'disable', '--quiet', '--now', unit],
      ifChanged: false,
      ifThere: `${place.units}/${unit}`,
    })),
    {
      kind: 'command',
      argv: ['systemctl', 'clean', '--what=runtime', 'adf.service'],
      ifChanged: false,
      ifThere: `${place.units}/adf.service`,
    },
    ...UNITS.map((unit): Step => ({ kind: 'absent', path: `${place.units}/${unit}` })),
    { kind: 'absent', path: place.command },
    { kind: 'absent', path: deadmanScriptPath(place) },
    ...passable(place).map((path): Step => ({ kind: 'no_empty_folder', path })),
    { kind: 'command', argv: ['systemctl', 'daemon-reload'], ifChanged: true },
  ];
}

/** Folders in which each user has something of its own. */
function passable({ stateDir, workspaceDir }: Layout): readonly string[] {
  return [inputsFolder(stateDir), workspaceDir];
}

function passableSteps(place: Layout): Step[] {
  return passable(place).map((path) => ({ kind: 'folder', path, mode: PASSABLE_MODE, group: null }));
}

function credentialsStep({ credentials }: Layout): Step {
  return { kind: 'folder', path: credentials, mode: 0o700, group: null };
}

function privateSteps(own: readonly PrivateFolder[]): Step[] {
  return own.map(({ path, user }) => ({ kind: 'private_folder', path, user }));
}

function programSteps(place: Layout, { version, root }: Program): Step[] {
  const path = `${place.programs}/${version}`;
  return [
    { kind: 'folder', path: place.programs, mode: 0o755, group: null },
    { kind: 'program', from: root, path },
    { kind: 'link', path: currentProgram(place), target: version },
    { kind: 'link', path: place.command, target: `${currentProgram(place)}/bin/adf` },
    { kind: 'file', path: deadmanScriptPath(place), text: deadmanScript(place), mode: 0o755, once: false },
  ];
}

function unitSteps(place: Layout, credentials: readonly string[]): Step[] {
  const texts: Readonly<Record<(typeof UNITS)[number], string>> = {
    'adf.service': serviceUnit(place, credentials),
    'adf-agents.slice': sliceUnit(),
    'adf-deadman.service': deadmanUnit(place),
    'adf-deadman.timer': deadmanTimer(),
  };
  return UNITS.map((unit) => ({
    kind: 'file',
    path: `${place.units}/${unit}`,
    text: texts[unit],
    mode: 0o644,
    once: false,
  }));
}
