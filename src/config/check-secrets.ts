// Checks that every secret an agent names is kept somewhere, and warns of places from which none can be given.

import { statSync } from 'node:fs';

import type { Fleet } from '../core/fleet.ts';
import { nearestName } from '../lib/nearest.ts';
import { exposureOf } from '../lib/secret-mode.ts';
import type { Entries } from './collect.ts';
import { didYouMean, quote } from './problem.ts';
import { secretPath } from './secret-place.ts';
import type { World } from './world.ts';

/** Reports secrets that nobody keeps, and those that `env` says too. What stands in an env_file is known when it is read. */
export function checkSecrets({ secrets, agents }: Entries): void {
  const kept = Object.keys(secrets.values.files ?? {});
  const mayBeInFile = secrets.values.env_file !== undefined || secrets.source.isBad(secrets.path);
  for (const { source, path, values } of agents) {
    for (const [index, name] of (values.secrets ?? []).entries()) {
      const at = [...path, 'secrets', index];
      if (!kept.includes(name) && !mayBeInFile) {
        const meant = nearestName(name, kept);
        const rest = meant === null ? ': say in [secrets] which file holds it' : didYouMean(meant);
        source.error(at, `no secret is called ${quote(name)}${rest}`);
      }
      if (values.env !== undefined && Object.hasOwn(values.env, name)) {
        source.error(at, `${quote(name)} stands in env too: keep one of them`);
      }
    }
  }
}

/** Warns of files from which no secret will be given. A file that we may not look at is the service's alone, as it should be. */
export function warnOfSecrets(entries: Entries, fleet: Fleet, world: World): void {
  const { source } = entries.secrets;
  const { envFile, files } = fleet.secrets;
  const places = [
    ...(envFile === null ? [] : [{ path: ['secrets', 'env_file'], file: envFile }]),
    ...Object.entries(files).map(([name, file]) => ({ path: ['secrets', 'files', name], file })),
  ];
  for (const { path, file } of places) {
    // Outside its unit nobody knows where a credential lies.
    const isElsewhere = file.startsWith('credential:') && world.env['CREDENTIALS_DIRECTORY'] === undefined;
    const wrong = isElsewhere ? null : problemOf(secretPath(file, world.env));
    if (wrong !== null) {
      source.warning(path, `${wrong}; runs of agents that name a secret from it will not start`);
    }
  }
}

function problemOf(path: string): string | null {
  try {
    return exposureOf(path, statSync(path).mode);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : null;
  }
}
