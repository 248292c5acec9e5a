// `adf install`, `upgrade` and `uninstall`: plans the steps for this machine, shows them or carries them out.

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { carryOut } from '../adapters/host/installer.ts';
import type { DoctorCheck, InstallVerb, InstallView, InstallWish } from '../cli/local.ts';
import type { Fleet } from '../core/fleet.ts';
import { layout } from '../core/install/layout.ts';
import type { Layout } from '../core/install/layout.ts';
import { objections } from '../core/install/objections.ts';
import { installSteps, privateFolders, uninstallSteps, upgradeSteps } from '../core/install/steps.ts';
import type { Step, Wanted } from '../core/install/steps.ts';
import { credentialsOf } from '../core/sandbox/secret-files.ts';
import { liesInState } from '../core/workspace/workspace.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { SYSTEM_PATH } from '../os/system-path.ts';
import { problemLine } from '../ports/problem-view.ts';
import { controlSocket, load } from './config.ts';
import { projects } from './doctor-projects.ts';
import { packageFile, packageVersion } from './package-files.ts';

/**
 * Plans `wish` and, unless it is only to be shown, carries it out. `usual`: where an installation lies. Errors: `config` where
 * a service could not keep agents.toml, `install.refused`, `install.failed`.
 */
export async function install(wish: InstallWish, usual: Layout = layout()): Promise<InstallView> {
  const fleet = fleetHere(wish.verb, usual);
  const place = placeOf(fleet, usual);
  const wanted = wantedBy(fleet, place);
  const steps = stepsOf(wish.verb, place, wanted);
  if (wish.printOnly) {
    return {
      verb: wish.verb,
      printed: true,
      steps: steps.map((step) => ({ ...shown(step), state: 'planned' })),
      checks: [],
      next: [],
    };
  }
  if (process.getuid?.() !== 0) {
    throw new OperationalError(
      'install.refused',
      `adf ${wish.verb} changes the machine and needs root: sudo adf ${wish.verb}; to see what it would do: adf ${wish.verb} --print`,
    );
  }
  if (!existsSync('/run/systemd/system')) {
    throw new OperationalError(
      'install.refused',
      `adf ${wish.verb} needs systemd, which is not the init of this machine`,
    );
  }
  const done: InstallView['steps'][number][] = [];
  await carryOut(steps, (step, end) => done.push({ ...shown(step), state: end }));
  return {
    verb: wish.verb,
    printed: false,
    steps: done,
    checks: wish.verb === 'uninstall' || fleet === null ? [] : await wrongProjects(fleet, place),
    next: nextOf(wish.verb, place, [...lacks(fleet, place), ...absent(wanted, place)]),
  };
}

/** What doctor would say against the projects, as the service will find them. */
async function wrongProjects(fleet: Fleet, { agentUser }: Layout): Promise<readonly DoctorCheck[]> {
  const checks = await projects({ fleet, defaultUser: agentUser, environment: { PATH: SYSTEM_PATH } });
  return checks.filter(({ state }) => state !== 'ok');
}

/** What the machine's agents.toml says; null: there is none. What is wrong with it keeps nobody from uninstalling. */
function fleetHere(verb: InstallVerb, usual: Layout): Fleet | null {
  const { config } = usual;
  if (!existsSync(config)) {
    return null;
  }
  // Not as the service: whoever asks the daemon reads this file without the variables of its unit.
  const loaded = load({ config, asService: false, foreground: false });
  const wrong =
    loaded.kind === 'errors'
      ? loaded.errors.map(problemLine)
      : objections({ ...loaded.fleet.factory, socket: controlSocket(loaded.fleet) }, usual).map(
          (line) => `${config}: ${line}`,
        );
  if (wrong.length > 0 && verb !== 'uninstall') {
    throw new OperationalError('config', [...wrong, `adf ${verb} changed nothing`].join('\n'));
  }
  return loaded.kind === 'ok' ? loaded.fleet : null;
}

/** The layout, with the folders that agents.toml names. */
function placeOf(fleet: Fleet | null, usual: Layout): Layout {
  if (fleet === null) {
    return usual;
  }
  const { pauseDir, workspaceDir } = fleet.factory;
  return { ...usual, pauseDir, ...(liesInState(fleet.factory) ? {} : { workspaceDir }) };
}

function wantedBy(fleet: Fleet | null, place: Layout): Wanted {
  return fleet === null
    ? { own: [], credentials: [] }
    : { own: privateFolders(fleet.projects, place), credentials: credentialsOf(fleet) };
}

function stepsOf(verb: InstallVerb, place: Layout, wanted: Wanted): Step[] {
  const program = { version: packageVersion(), root: dirname(packageFile('package.json')) };
  switch (verb) {
    case 'install':
      return installSteps(place, program, wanted);
    case 'upgrade':
      return upgradeSteps(place, program, wanted);
    case 'uninstall':
      return uninstallSteps(place);
  }
}

function shown(step: Step): { readonly what: string; readonly text: string | null } {
  switch (step.kind) {
    case 'group':
      return { what: `group ${step.name}`, text: null };
    case 'user':
      return { what: `user ${step.name}, home ${step.home}`, text: null };
    case 'folder': {
      const owner = step.group === null ? 'root' : `root:${step.group}`;
      return { what: `folder ${step.path} (${step.mode.toString(8)} ${owner})`, text: null };
    }
    case 'private_folder':
      return { what: `folder ${step.path} (700 ${step.user})`, text: null };
    case 'file':
      return { what: `file ${step.path}${step.once ? ' (only if there is none)' : ''}`, text: step.text };
    case 'program':
      return { what: `program ${step.path} (from ${step.from})`, text: null };
    case 'link':
      return { what: `link ${step.path} → ${step.target}`, text: null };
    case 'absent':
      return { what: `remove ${step.path}`, text: null };
    case 'no_empty_folder':
      return { what: `remove ${step.path} (only if it is empty)`, text: null };
    case 'command':
      return { what: `run ${step.argv.join(' ')}`, text: null };
  }
}

/** Secrets that agents.toml names and nobody has put into place. */
function absent({ credentials }: Wanted, place: Layout): readonly string[] {
  return credentials
    .map((name) => `${place.credentials}/${name}`)
    .filter((path) => !existsSync(path))
    .map(
      (path) =>
        `install -m 600 /dev/stdin ${path}, which agents.toml names as a credential, then systemctl restart adf`,
    );
}

/** Keys that installing writes today, and that the agents.toml of this machine, which is a person's, lacks. */
function lacks(fleet: Fleet | null, { config, workspaceDir }: Layout): readonly string[] {
  if (fleet === null) {
    return [];
  }
  return [
    ...(liesInState(fleet.factory)
      ? [`give runs folders of their own: workspace_dir = "${workspaceDir}" in [factory] of ${config}`]
      : []),
    ...(fleet.factory.sandbox === 'off'
      ? [`close the machine to agents: sandbox = "standard" in [factory] of ${config}`]
      : []),
  ];
}

function nextOf(verb: InstallVerb, place: Layout, lacking: readonly string[]): readonly string[] {
  switch (verb) {
    case 'install':
      return [
        `usermod -aG ${place.operators} YOU, then log in again`,
        `edit ${place.config}, then adf check`,
        ...lacking,
        'systemctl restart adf, then adf doctor',
      ];
    case 'upgrade':
      return [...lacking, 'adf status'];
    case 'uninstall':
      return [
        `left alone: ${place.stateDir}, ${place.pauseDir}, ${place.workspaceDir} unless it was empty, ${dirname(place.config)}, ${place.programs}, running agents`,
      ];
  }
}
