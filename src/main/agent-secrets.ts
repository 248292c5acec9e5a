// Gives agents the secrets that they name, read when they start; and knows every value that must not be seen.

import { secretPath } from '../config/secret-place.ts';
import type { AgentDefinition, Fleet } from '../core/fleet.ts';
import { SHORTEST_KNOWN_SECRET } from '../core/redact.ts';
import type { SecretValues } from '../ports/secret-values.ts';
import { addBounded } from '../lib/bounded-set.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { readSecret } from '../os/secret-file.ts';
import { envFileValues } from './env-file.ts';
import { secretsOf } from './secrets.ts';

/** Files of secrets may be replaced: what is known is read again after this long. */
const FRESH_MS = 5000;
/** Values given to agents that are remembered after their files were replaced: those agents may still print them. */
const GIVEN_MAX = 1000;

/** The secrets of whatever configuration is in force, with the credentials of `environment`. */
export function secretsInForce(
  inForce: { readonly now: Fleet },
  environment: Readonly<Record<string, string>>,
): SecretValues {
  const given = new Set<string>();
  let read: { readonly values: readonly string[]; readonly fleet: Fleet; readonly until: number } | null = null;
  return {
    of: async (agent) => {
      const values: Record<string, string> = {};
      for (const name of agent.secrets) {
        const value = await valueOf(name, agent, { fleet: inForce.now, environment });
        addBounded(given, value, GIVEN_MAX);
        values[name] = value;
      }
      read = null;
      return values;
    },
    known: () => {
      const fleet = inForce.now;
      const now = performance.now();
      if (read?.fleet !== fleet || now >= read.until) {
        read = { values: [...new Set([...secretsOf(fleet, environment), ...given])], fleet, until: now + FRESH_MS };
      }
      return read.values;
    },
  };
}

async function valueOf(
  name: string,
  agent: AgentDefinition,
  { fleet, environment }: { readonly fleet: Fleet; readonly environment: Readonly<Record<string, string>> },
): Promise<string> {
  const { envFile, files } = fleet.secrets;
  const file = Object.hasOwn(files, name) ? files[name] : undefined;
  const place = file ?? envFile;
  if (place === null) {
    throw new OperationalError('secret.unknown', `${agent.key} names the secret ${name}, and [secrets] does not`);
  }
  const path = secretPath(place, environment);
  const text = await readSecret(path, file === undefined ? '[secrets] env_file' : `[secrets] files.${name}`);
  const value = file === undefined ? envFileValues(text).get(name) : text;
  if (value === undefined) {
    throw new OperationalError('secret.unknown', `${agent.key} names the secret ${name}, and ${path} does not hold it`);
  }
  if (value.length < SHORTEST_KNOWN_SECRET) {
    throw new OperationalError(
      'secret.short',
      `the secret ${name} in ${path} has fewer than ${SHORTEST_KNOWN_SECRET} characters: no log could be kept free of it`,
    );
  }
  return value;
}
