// `adf pause` and `adf resume`: they write and remove the files themselves, so they work without a daemon.

import { systemClock } from '../adapters/clock/system-clock.ts';
import { fileFlags } from '../adapters/pause-flags/files.ts';
import type { FlagPlace, PauseView, ResumeView } from '../cli/local.ts';
import { FACTORY_FLAG, flagSince, incidentOf } from '../core/pause/flag.ts';
import { personFlagText, readFlagText } from '../core/pause/flag-text.ts';
import { nearestName } from '../lib/nearest.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { PauseFlags } from '../ports/pause-flags.ts';
import { loadOrThrow } from './config.ts';

/** Creates the flag of a project, or of everything (`__all__`). There already is done. */
export async function pause(
  place: FlagPlace,
  wish: {
    readonly project: string;
    readonly forMs: number | null;
    readonly reason: string | null;
    readonly by: string;
  },
): Promise<PauseView> {
  const flags = flagsOf(place, wish.project);
  flags.prepare();
  const at = Date.now();
  const until = wish.forMs === null ? null : at + wish.forMs;
  const path = flags.path(wish.project);
  const text = personFlagText({ by: wish.by, reason: wish.reason, at, until }, { name: wish.project, path });
  const touched = await flags.touchPauseFlag({ name: wish.project, text, own: null });
  const found = flags.stat(wish.project);
  const words = found.kind === 'present' ? found.text : null;
  return {
    project: wish.project,
    flag: path,
    made: touched.kind === 'written',
    owner: incidentOf(words) === null ? 'human' : 'breaker',
    since: flagSince(touched.mtimeNs),
    until: readFlagText(words).until,
  };
}

/** Removes the flag, whoever made it: who resumes has decided. */
export async function resume(
  place: FlagPlace,
  wish: { readonly project: string; readonly by: string },
): Promise<ResumeView> {
  const flags = flagsOf(place, wish.project);
  const removed = await flags.removePauseFlag(wish.project, 'any');
  return { project: wish.project, flag: flags.path(wish.project), removed: removed === 'removed' };
}

function flagsOf(place: FlagPlace, project: string): PauseFlags {
  const { pauseDir, projects } = place.inForce ?? written(place);
  refuseUnknown(projects, project);
  return fileFlags({ dir: pauseDir, clock: systemClock, fileWatching: false });
}

function written(place: FlagPlace): NonNullable<FlagPlace['inForce']> {
  const { fleet } = loadOrThrow({ config: place.config, asService: false, foreground: false });
  return { pauseDir: fleet.factory.pauseDir, projects: fleet.projects.map((one) => one.id) };
}

function refuseUnknown(projects: readonly string[], project: string): void {
  const known = [...projects, FACTORY_FLAG];
  if (!known.includes(project)) {
    const near = nearestName(project, known);
    throw new OperationalError(
      'unknown_project',
      `no project is called "${project}"${near === null ? '' : ` (did you mean "${near}"?)`}: agents.toml has ${known.join(', ')}`,
    );
  }
}
