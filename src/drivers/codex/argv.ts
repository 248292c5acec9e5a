// Decides how codex is started: exec mode, JSON events, prompt on stdin, commands in its sandbox.

import type { LaunchInput } from '../../ports/agent-driver.ts';
import { option } from '../options.ts';
import { permissionMode } from '../settings.ts';

const MODES = ['read-only', 'workspace-write', 'danger-full-access', 'bypass'] as const;

/** Files of the working folder may be changed, by commands too; the network and the rest are closed. */
const DEFAULT_MODE = 'workspace-write';

/** Nothing that reports home or looks for updates; measured with 0.169.0. */
const QUIET = ['-c', 'analytics.enabled=false', '-c', 'check_for_update_on_startup=false'] as const;

/** The command line for `input`. Options stand before `resume` and `fork`, which take an id and the prompt only. */
export function codexArgv(input: LaunchInput): readonly [string, ...string[]] {
  const { program, settings, session } = input;
  const mode = permissionMode('codex', settings.permissionMode ?? DEFAULT_MODE, MODES);
  return [
    program,
    'exec',
    '--json',
    '--skip-git-repo-check',
    '-C',
    input.workingDir,
    ...(mode === 'bypass' ? ['--dangerously-bypass-approvals-and-sandbox'] : ['-s', mode]),
    ...QUIET,
    ...option('-m', input.model),
    ...input.args,
    ...(session === null || session.kind === 'new' ? [] : [session.kind, session.id]),
    '-',
  ];
}
