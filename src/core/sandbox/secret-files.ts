// Lists every file of agents.toml that holds a secret.

import type { Fleet } from '../fleet.ts';

/** Absolute paths, and names of credentials as `credential:NAME`. */
export function secretFilesOf({ gitea, ai, channels, secrets }: Fleet): readonly string[] {
  return [
    gitea?.tokenFile ?? null,
    ai?.apiKeyFile ?? null,
    ...channels.flatMap(({ urlFile, secretFile }) => [urlFile, secretFile]),
    secrets.envFile,
    ...Object.values(secrets.files),
  ].filter((file) => file !== null);
}
