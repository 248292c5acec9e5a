// Decides how Qwen Code is started: one shot, stream-json, prompt on stdin, a session id of our choosing.

import type { LaunchInput, LaunchPlan } from '../../ports/agent-driver.ts';
import { chosenSession, option, repeated } from '../options.ts';
import { permissionMode } from '../settings.ts';

const MODES = ['auto', 'auto-edit', 'default', 'plan', 'yolo'] as const;

/** Files may be edited; other tools need `allowed_tools` or another mode. */
const DEFAULT_MODE = 'auto-edit';

/** Laid under the operator's settings: what has no option or variable. */
const DEFAULTS = {
  general: { enableAutoUpdate: false, disableAutoUpdate: true, disableUpdateNag: true },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
};

/** The part of a launch that is qwen's own. */
export type QwenStart = Pick<LaunchPlan, 'argv' | 'env' | 'files'>;

/** The start of `input`; the agent's own args come last. */
export function qwenStart(input: LaunchInput): QwenStart {
  const { program, settings } = input;
  const mode = permissionMode('qwen', settings.permissionMode ?? DEFAULT_MODE, MODES);
  const defaultsPath = `${input.filePrefix}.qwen.json`;
  return {
    argv: [
      program,
      '-o',
      'stream-json',
      '--approval-mode',
      mode,
      ...repeated('--allowed-tools', settings.allowedTools),
      ...repeated('--exclude-tools', settings.deniedTools),
      ...option('-m', input.model),
      ...option('--max-session-turns', settings.maxTurns),
      ...chosenSession(input.session, (id) => ['--resume', id, '--fork-session']),
      ...input.args,
    ],
    env: { QWEN_CODE_SYSTEM_DEFAULTS_PATH: defaultsPath },
    files: [{ path: defaultsPath, text: `${JSON.stringify(DEFAULTS, null, 2)}\n` }],
  };
}
