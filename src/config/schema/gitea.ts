// `[gitea]`: where escalations are opened as issues.

import * as z from 'zod';

import { defaulted, required } from '../key.ts';
import { secretFile, text, texts, url } from '../kinds.ts';

/** The table `[gitea]`. */
export const giteaSchema = z.strictObject({
  url: required(url(), { means: 'Address of the Gitea server.', example: '"https://git.example.org"' }),
  token_file: required(secretFile(), {
    means: 'File that holds the access token (mode 0600), or a systemd credential.',
    example: '"/etc/adf/gitea-token"',
  }),
  owner: required(text('expands'), { means: 'Owner of the repository for issues.', example: '"acme"' }),
  repository: required(text('expands'), {
    means: 'Repository for issues of projects that name no other.',
    example: '"factory"',
  }),
  labels: defaulted(texts(), ['adf'], {
    means: 'Labels of issues that we open; created if missing.',
    example: '["adf", "ops"]',
  }),
  assignees: defaulted(texts(), [], { means: 'User names that issues are assigned to.', example: '["alex"]' }),
});

/** `[gitea]` after its checks. */
export type GiteaInput = z.output<typeof giteaSchema>;
