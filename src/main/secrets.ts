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

type Environment = Readonly<Record<string, string>>;

/** What of a fleet's secrets does not change while it is in force. */
interface Standing {
  /** Values of variables that are named like secrets. */
  readonly values: readonly string[];
  readonly files: readonly string[];
  /** Names that agents want. */
  readonly named: ReadonlySet<string>;
}

/** Ten thousand agents are not gone through again every few seconds. */
const standings = new WeakMap<Fleet, Standing>();

/** The secrets of `fleet` and of the environment that its agents are given, read now: a token may be replaced at any time. */
export function secretsOf(fleet: Fleet, environment: Environment): readonly string[] {
  const { values, files, named } = standingOf(fleet);
  const envText = fleet.secrets.envFile === null ? null : textOf(secretPath(fleet.secrets.envFile, environment));
  // An env file may hold plain settings too, whose values stand everywhere.
  const fromEnvFile =
    envText === null ? [] : [...envFileValues(envText)].filter(([name]) => named.has(name)).map(([, value]) => value);
  const held = files.flatMap((file) => {
    const text = textOf(secretPath(file, environment));
    return text === null ? [] : [text.trim()];
  });
  return [...new Set([...held, ...fromEnvFile, ...valuesNamedSecret(environment), ...values])].filter(
    (value) => value !== '',
  );
}

function standingOf(fleet: Fleet): Standing {
  const known = standings.get(fleet);
  if (known !== undefined) {
    return known;
  }
  const standing = {
    values: [...fleet.projects, ...fleet.agents].flatMap(({ env }) => valuesNamedSecret(env)),
    // The env file is read by its lines.
    files: secretFilesOf(fleet).filter((file) => file !== fleet.secrets.envFile),
    named: new Set(fleet.agents.flatMap((agent) => agent.secrets)),
  };
  standings.set(fleet, standing);
  return standing;
}

function valuesNamedSecret(environment: Environment): readonly string[] {
  return Object.entries(environment)
    .filter(([name]) => SECRET_NAME.test(name) && name !== NO_SECRET)
    .map(([, value]) => value);
}

/** What cannot be read cannot be shown either. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
