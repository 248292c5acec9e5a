// Lists every file of agents.toml that holds a secret.

import type { Fleet } from '../fleet.ts';

const CREDENTIAL = /^credential:(.+)$/;

/** NAME of `credential:NAME`; null: `file` is a path. */
export function credentialName(file: string): string | null {
  return CREDENTIAL.exec(file)?.[1] ?? null;
}

/** The credentials that a service with `fleet` must be given, by name and each once. */
export function credentialsOf(fleet: Pick<Fleet, 'gitea' | 'ai' | 'channels' | 'secrets'>): readonly string[] {
  const names = secretFilesOf(fleet).flatMap((file) => credentialName(file) ?? []);
  return [...new Set(names)].toSorted();
}

/** Absolute paths, and names of credentials as `credential:NAME`. */
export function secretFilesOf({
  gitea,
  ai,
  channels,
  secrets,
}: Pick<Fleet, 'gitea' | 'ai' | 'channels' | 'secrets'>): readonly string[] {
  return [
    gitea?.tokenFile ?? null,
    ai?.apiKeyFile ?? null,
    ...channels.flatMap(({ urlFile, secretFile }) => [urlFile, secretFile]),
    secrets.envFile,
    ...Object.values(secrets.files),
  ].filter((file) => file !== null);
}
