// `adf install`, `upgrade` and `uninstall`: plans the steps for this machine, shows them or carries them out.

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { carryOut } from '../adapters/host/installer.ts';
import type { InstallVerb, InstallView, InstallWish } from '../cli/local.ts';
import { layout } from '../core/install/layout.ts';
import type { Layout } from '../core/install/layout.ts';
import { installSteps, privateFolders, uninstallSteps, upgradeSteps } from '../core/install/steps.ts';
import type { PrivateFolder, Step } from '../core/install/steps.ts';
import type { Fleet } from '../core/fleet.ts';
import { liesInState } from '../core/workspace/workspace.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { load } from './config.ts';
import { packageFile, packageVersion } from './package-files.ts';

/** Plans `wish` and, unless it is only to be shown, carries it out. Errors: `install.refused`, `install.failed`. */
export async function install(wish: InstallWish): Promise<InstallView> {
  const fleet = fleetHere();
  const place = placeOf(fleet);
  const steps = stepsOf(wish.verb, place, privateFolders(fleet?.projects ?? [], place));
  if (wish.printOnly) {
    return {
      verb: wish.verb,
      printed: true,
      steps: steps.map((step) => ({ ...shown(step), state: 'planned' })),
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
  return { verb: wish.verb, printed: false, steps: done, next: nextOf(wish.verb, place, fleet) };
}

/** What the machine's agents.toml says; null: there is none, or it holds errors. */
function fleetHere(): Fleet | null {
  const { config } = layout();
  const loaded = existsSync(config) ? load({ config, asService: true, foreground: false }) : null;
  return loaded?.kind === 'ok' ? loaded.fleet : null;
}

/** The layout, with the folders that agents.toml names. */
function placeOf(fleet: Fleet | null): Layout {
  if (fleet === null) {
    return layout();
  }
  const { pauseDir, workspaceDir } = fleet.factory;
  return layout(liesInState(fleet.factory) ? { pauseDir } : { pauseDir, workspaceDir });
}

function stepsOf(verb: InstallVerb, place: Layout, own: readonly PrivateFolder[]): Step[] {
  const program = { version: packageVersion(), root: dirname(packageFile('package.json')) };
  switch (verb) {
    case 'install':
      return installSteps(place, program, own);
    case 'upgrade':
      return upgradeSteps(place, program, own);
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

function nextOf(verb: InstallVerb, place: Layout, fleet: Fleet | null): readonly string[] {
  switch (verb) {
    case 'install':
      return [
        `usermod -aG ${place.operators} YOU, then log in again`,
        `edit ${place.config}, then adf check`,
        ...lacks(fleet, place),
        'systemctl start adf, then adf doctor',
      ];
    case 'upgrade':
      return [...lacks(fleet, place), 'adf status'];
    case 'uninstall':
      return [
        `left alone: ${place.stateDir}, ${place.pauseDir}, ${place.workspaceDir} unless it was empty, ${dirname(place.config)}, ${place.programs}, running agents`,
      ];
  }
}
