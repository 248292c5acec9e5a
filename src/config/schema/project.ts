// `[[projects]]`: a repository (or any folder) that agents work on.

import * as z from 'zod';

import { defaulted, optional, required } from '../key.ts';
import { composite, flag, folders, name, path, text, variables, whole } from '../kinds.ts';
import { breakerSchema } from './breaker.ts';
import { projectSandbox } from './sandbox.ts';

/** One entry of `[[projects]]`. */
export const projectSchema = z.strictObject({
  id: required(name(), {
    means: 'Id of the project, also the name of its pause flag; unique without regard to case.',
    example: '"web"',
  }),
  working_dir: optional(path(), {
    means: 'Folder in which the agents of the project run.',
    default: 'the folder of this file',
    example: '"/srv/web"',
  }),
  user: optional(text(), {
    means: 'System user of its agents, where the factory runs as root on systemd; never that of the factory.',
    default: '"adf-agent" there, else the user of the factory',
    example: '"web-agent"',
  }),
  home: optional(path(), {
    means: 'Home of its agents, a folder that their user alone can enter; adf install makes it.',
    default: 'that of their user',
    example: '"/var/lib/adf-homes/web"',
  }),
  credentials: defaulted(
    folders(),
    {},
    {
      means:
        "Folder of the login for each account (an agent's provider), which its CLI is told by its own variable (CLAUDE_CONFIG_DIR, CODEX_HOME …); adf install makes it.",
      example: '{ anthropic = "/var/lib/adf-logins/anthropic" }',
    },
  ),
  ...projectSandbox,
  max_concurrent_agents: optional(whole(1, 10_000), {
    means: 'How many runs of the project may be alive at once.',
    default: "the factory's",
    example: '2',
  }),
  env: defaulted(
    variables(),
    {},
    {
      means: 'Environment variables for all agents of the project.',
      example: '{ LANG = "C.UTF-8" }',
    },
  ),
  enabled: defaulted(flag(), true, { means: 'false starts nothing of the project.', example: 'false' }),
  owner: optional(text('expands'), {
    means: "Owner of the repository for the project's issues.",
    default: 'owner of [gitea]',
    example: '"acme"',
  }),
  repository: optional(text('expands'), {
    means: "Repository for the project's issues.",
    default: 'repository of [gitea]',
    example: '"web"',
  }),
  breaker: optional(composite(breakerSchema, 'a table [projects.breaker]'), {
    means: "The project's own breaker settings; keys that are absent come from [breaker].",
    example: '{ threshold = 5 }',
  }),
});

/** One project after its checks. */
export type ProjectInput = z.output<typeof projectSchema>;
