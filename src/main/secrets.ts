// Collects the values that must not be seen in any issue or comment: tokens in files, and variables that are named like secrets.

import { readFileSync } from 'node:fs';
import type { Fleet } from '../core/fleet.ts';

/** Names whose values are secrets, whoever set them. */
const SECRET_NAME = /token|secret|password|passwd|passphrase|credential|api_?key|access_?key|private_?key/i;

/** The secrets of `fleet` and of the environment that its agents are given, read now: a token may be replaced at any time. */
export function secretsOf(fleet: Fleet, environment: Readonly<Record<string, string>>): readonly string[] {
  const variables = [environment, ...fleet.projects.map(({ env }) => env), ...fleet.agents.map(({ env }) => env)];
  const named = variables.flatMap((env) => Object.entries(env).filter(([name]) => SECRET_NAME.test(name)));
  const token = fleet.gitea === null ? null : textOf(fleet.gitea.tokenFile);
  return [...new Set([...(token === null ? [] : [token.trim()]), ...named.map(([, value]) => value)])].filter(
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
