// Loads agents.toml as every command does it.

import { join } from 'node:path';
import { systemClock } from '../adapters/clock/system-clock.ts';
import { fileFlags } from '../adapters/pause-flags/files.ts';
import { readEnvironment, unitFolders } from '../config/env.ts';
import { loadFleet } from '../config/load.ts';
import type { LoadResult, RunningFactory } from '../config/load.ts';
import { thisMachine } from '../config/this-machine.ts';
import type { Fleet } from '../core/fleet.ts';
import { FACTORY_FLAG, incidentOf } from '../core/pause/flag.ts';
import { DRIVER_NAMES } from '../drivers/registry.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { makeSocketFolder, socketPath } from '../os/socket-path.ts';
import { problemLine } from '../ports/problem-view.ts';
import { configPath } from './config-path.ts';

/** How the configuration is to be read. */
export interface ConfigWish {
  /** `--config`; null: $ADF_CONFIG, the nearest agents.toml upwards, /etc/adf/agents.toml. */
  readonly config: string | null;
  /** The variables of a unit are defaults of `start` only. */
  readonly asService: boolean;
  readonly foreground: boolean;
}

/** Loads the configuration; problems are an answer, not an error. `running`: what is in force already. */
export function load(wish: ConfigWish, running?: RunningFactory): LoadResult & { readonly path: string } {
  const env = readEnvironment();
  const path = configPath(wish.config);
  const loaded = loadFleet({
    path,
    env,
    machine: thisMachine(env),
    drivers: DRIVER_NAMES,
    stateDirectory: wish.asService ? unitFolders(env).state : null,
    foreground: wish.foreground,
    running,
  });
  return { ...loaded, path };
}

/** The fleet, or OperationalError `config` that names every problem in a line of its own. */
export function loadOrThrow(wish: ConfigWish): Extract<LoadResult, { kind: 'ok' }> & { readonly path: string } {
  const loaded = load(wish);
  if (loaded.kind === 'errors') {
    throw new OperationalError('config', loaded.errors.map(problemLine).join('\n'));
  }
  return loaded;
}

/** What a new configuration may not move, or leave behind. */
export function runningNow({ factory, projects }: Fleet): RunningFactory {
  const flags = fileFlags({ dir: factory.pauseDir, clock: systemClock, fileWatching: false });
  const names = [FACTORY_FLAG, ...projects.map((project) => project.id)];
  const isPersons = (name: string): boolean => {
    const found = flags.stat(name);
    return found.kind === 'present' && incidentOf(found.text) === null;
  };
  return { ...factory, flags: names.filter(isPersons) };
}

/** Where the control socket of `fleet` is. */
export function controlSocket(fleet: Fleet): string {
  return socketPath(fleet.factory.socket ?? join(fleet.factory.stateDir, 'adf.sock'));
}

/** The folder of the socket, made by whoever listens. */
export function prepareSocket(path: string, fleet: Fleet): void {
  if (path !== fleet.factory.socket && !path.startsWith(fleet.factory.stateDir)) {
    makeSocketFolder(path);
  }
}
