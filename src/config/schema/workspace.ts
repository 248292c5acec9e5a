// The keys of `[[agents]]` about the folder that a run works in.

import { defaulted, optional } from '../key.ts';
import { choice, gitName } from '../kinds.ts';

/** Part of one entry of `[[agents]]`. */
export const workspaceKeys = {
  workspace: defaulted(choice(['shared', 'worktree', 'copy']), 'shared', {
    means:
      'Where in it: "shared" is the folder itself; "worktree" a git worktree for each run, on a branch adf/<agent>/<run> from the fetched base; "copy" a copy for each run.',
    example: '"worktree"',
  }),
  workspace_base: optional(gitName(), {
    means: 'Branch or commit at which a worktree begins.',
    default: "the default branch of origin, else the working_dir's own HEAD",
    example: '"main"',
  }),
};
