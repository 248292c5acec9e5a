// Collects the values that must not be seen in any issue or comment: tokens in files, and variables that are named like secrets.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../core/fleet.ts';

/** Names whose values are secrets, whoever set them. */
const SECRET_NAME = /token|secret|password|passwd|passphrase|credential|api_?key|access_?key|private_?key/i;

/** The secrets of `fleet` and of the environment that its agents are given, read now: a token may be replaced at any time. */
export function secretsOf(fleet: Fleet, environment: Readonly<Record<string, string>>): readonly string[] {
  const variables = [environment, ...fleet.projects.map(({ env }) => env), ...fleet.agents.map(({ env }) => env)];
  const named = variables.flatMap((env) => Object.entries(env).filter(([name]) => SECRET_NAME.test(name)));
  const files = [
    fleet.gitea?.tokenFile ?? null,
    fleet.ai?.apiKeyFile ?? null,
    ...fleet.channels.flatMap(({ urlFile, secretFile }) => [urlFile, secretFile]),
  ];
  const held = files.flatMap((file) => {
    const text = file === null ? null : textOf(secretPath(file, environment));
    return text === null ? [] : [text.trim()];
  });
  return [...new Set([...held, ...named.map(([, value]) => value)])].filter((value) => value !== '');
}

/** Where a secret lies: a path, or `credential:NAME` in the folder that systemd gives the unit. */
export function secretPath(file: string, environment: Readonly<Record<string, string>>): string {
  const name = /^credential:(.+)$/.exec(file)?.[1];
  return name === undefined ? file : join(environment['CREDENTIALS_DIRECTORY'] ?? '/run/credentials', name);
}

/** What cannot be read cannot be shown either. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
