// Decides how Claude Code is started: print mode, stream-json, prompt on stdin, a session id of our choosing.

import type { LaunchInput } from '../../ports/agent-driver.ts';
import { chosenSession, option } from '../options.ts';
import { permissionMode } from '../settings.ts';

/** Nothing that changes the program, reports home or asks again for ever; measured with 2.1.329. */
export const CLAUDE_ENV: Readonly<Record<string, string>> = {
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_MAX_RETRIES: '3',
};

const MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'] as const;

/** Files of the working folder may be edited; commands need `allowed_tools` or another mode. */
const DEFAULT_MODE = 'acceptEdits';

/** There is nobody to ask. */
const ALWAYS_DENIED = 'AskUserQuestion';

/** The command line for `input`; the agent's own args come last and win. */
export function claudeArgv(input: LaunchInput): readonly [string, ...string[]] {
  const { settings } = input;
  const mode = permissionMode('claude', settings.permissionMode ?? DEFAULT_MODE, MODES);
  // Lists of tools take every word up to the next option, so an option follows them.
  return [
    input.program,
    '-p',
    ...list('--allowedTools', settings.allowedTools),
    ...list('--disallowedTools', [ALWAYS_DENIED, ...settings.deniedTools]),
    '--output-format',
    'stream-json',
    '--verbose',
    '--permission-mode',
    mode,
    ...option('--model', input.model),
    ...option('--max-turns', settings.maxTurns),
    ...budget(settings.maxBudgetMicroUsd, input.live),
    ...chosenSession(input.session, (id, newId) => [
      '--resume',
      id,
      '--fork-session',
      ...option('--session-id', newId),
    ]),
    ...input.args,
  ];
}

/** Partial messages tell output tokens while they are made: what a stop in mid-run needs. */
function budget(microUsd: number | null, live: boolean): readonly string[] {
  return [
    ...option('--max-budget-usd', microUsd === null ? null : microUsd / 1_000_000),
    ...(microUsd === null && !live ? [] : ['--include-partial-messages']),
  ];
}

function list(name: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [name, ...values];
}
