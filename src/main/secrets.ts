// Collects the values that must not be seen in any issue or comment: tokens in files, and variables that are named like secrets.

import { readFileSync } from 'node:fs';
import { secretPath } from '../config/secret-place.ts';
import type { Fleet } from '../core/fleet.ts';
import { secretFilesOf } from '../core/sandbox/secret-files.ts';
import { envFileValues } from './env-file.ts';

/** Names whose values are secrets, whoever set them. */
const SECRET_NAME = /token|secret|password|passwd|passphrase|credential|api_?key|access_?key|private_?key/i;

/** The folder of credentials is named so, and is none. */
const NO_SECRET = 'CREDENTIALS_DIRECTORY';

/** The secrets of `fleet` and of the environment that its agents are given, read now: a token may be replaced at any time. */
export function secretsOf(fleet: Fleet, environment: Readonly<Record<string, string>>): readonly string[] {
  const variables = [environment, ...fleet.projects.map(({ env }) => env), ...fleet.agents.map(({ env }) => env)];
  const looksSecret = variables.flatMap((env) =>
    Object.entries(env).filter(([name]) => SECRET_NAME.test(name) && name !== NO_SECRET),
  );
  // The env file is read by its lines.
  const files = secretFilesOf(fleet).filter((file) => file !== fleet.secrets.envFile);
  const envText = fleet.secrets.envFile === null ? null : textOf(secretPath(fleet.secrets.envFile, environment));
  const named = new Set(fleet.agents.flatMap((agent) => agent.secrets));
  // An env file may hold plain settings too, whose values stand everywhere.
  const fromEnvFile =
    envText === null ? [] : [...envFileValues(envText)].filter(([name]) => named.has(name)).map(([, value]) => value);
  const held = files.flatMap((file) => {
    const text = textOf(secretPath(file, environment));
    return text === null ? [] : [text.trim()];
  });
  return [...new Set([...held, ...fromEnvFile, ...looksSecret.map(([, value]) => value)])].filter(
    (value) => value !== '',
  );
}

/** What cannot be read cannot be shown either. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
