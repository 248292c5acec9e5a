// Decides how the Gemini CLI is started, and which defaults it finds below the operator's own settings.

import { OperationalError } from '../../lib/operational-error.ts';
import type { LaunchInput, LaunchPlan } from '../../ports/agent-driver.ts';
import { chosenSession, option, repeated } from '../options.ts';
import { permissionMode } from '../settings.ts';

const MODES = ['auto_edit', 'default', 'plan', 'yolo'] as const;

/** Files may be edited; other tools need `allowed_tools` or another mode. */
const DEFAULT_MODE = 'auto_edit';

/** The part of a launch that is gemini's own. */
export type GeminiStart = Pick<LaunchPlan, 'argv' | 'env' | 'files'>;

/**
 * The start of `input`. Updates, statistics, turns and excluded tools have no option: they stand in a file of system
 * defaults, which the operator's own settings are laid over. Without the relaunch its pid is the agent's own.
 */
export function geminiStart(input: LaunchInput): GeminiStart {
  const { program, settings } = input;
  const mode = permissionMode('gemini', settings.permissionMode ?? DEFAULT_MODE, MODES);
  const defaultsPath = `${input.filePrefix}.gemini.json`;
  return {
    argv: [
      program,
      '-o',
      'stream-json',
      '--approval-mode',
      mode,
      '--skip-trust',
      ...repeated('--allowed-tools', settings.allowedTools),
      ...option('-m', input.model),
      ...chosenSession(input.session, noFork),
      ...input.args,
    ],
    env: { GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_CLI_SYSTEM_DEFAULTS_PATH: defaultsPath },
    files: [{ path: defaultsPath, text: `${JSON.stringify(defaults(settings), null, 2)}\n` }],
  };
}

function defaults({ maxTurns, deniedTools }: LaunchInput['settings']): object {
  return {
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    ...(maxTurns === null ? {} : { model: { maxSessionTurns: maxTurns } }),
    ...(deniedTools.length === 0 ? {} : { tools: { exclude: deniedTools } }),
  };
}

function noFork(): never {
  throw new OperationalError('launch.no_fork', 'gemini cannot fork a session; start a fresh one');
}
