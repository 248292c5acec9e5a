// `[secrets]`: where the values lie that agents may be given by name.

import * as z from 'zod';

import { defaulted, optional } from '../key.ts';
import { secretFile, secretFiles } from '../kinds.ts';

/** The table `[secrets]`. */
export const secretsSchema = z.strictObject({
  env_file: optional(secretFile(), {
    means: 'File of NAME=value lines that the factory alone can read (mode 0600), or a systemd credential.',
    example: '"/etc/adf/secrets.env"',
  }),
  files: defaulted(
    secretFiles(),
    {},
    {
      means: 'Secrets in a file each (mode 0600, or a systemd credential), by the name of their variable.',
      example: '{ NPM_TOKEN = "credential:npm-token" }',
    },
  ),
});

/** `[secrets]` after its checks. */
export type SecretsInput = z.output<typeof secretsSchema>;
