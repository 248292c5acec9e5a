// The driver for opencode.

import type { AgentDriver, LaunchInput } from '../../ports/agent-driver.ts';
import { homeFile } from '../home-file.ts';
import { MODEL_CLI_HABITS } from '../model-cli.ts';
import { option } from '../options.ts';
import { promptOf } from '../prompt.ts';
import { permissionMode, refuseUnknown } from '../settings.ts';
import { meteredOpencode } from './metered.ts';
import { OpencodeReader } from './stream.ts';

/** Where it keeps its own things, its login too. */
const LOGIN = { variable: 'XDG_DATA_HOME', folder: '.local/share' };

/** `default`: what its configuration allows; a permission that would have to be asked for ends the run. `auto`: all that is not denied. */
const MODES = ['default', 'auto'] as const;

const QUIET: Readonly<Record<string, string>> = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
};

/** opencode, `opencode`. */
export const opencodeDriver: AgentDriver = {
  name: 'opencode',
  habits: MODEL_CLI_HABITS,
  capabilities: {
    prompt: 'stdin',
    sessionId: 'read',
    resume: true,
    fork: true,
    usage: 'each step',
    cost: 'printed',
    modelFlag: '--model',
    budgetFlag: null,
    turnFlag: null,
    exitCodes: [
      { code: '0', meaning: 'the session is idle: done, or ended by a rejected permission' },
      { code: '1', meaning: 'a session error, in the error event; older builds exit 0' },
    ],
    knownLies: [
      'a permission that would be asked for is rejected and ends the run with exit 0',
      'isRetryable is true for an account without money too',
      'nothing is printed while it retries: a run that is killed then leaves no session id',
      'a model that its configuration does not have is only an UnknownError',
    ],
    usageGaps: [
      { text: 'the title request of a new session is in no line', kind: 'side_requests' },
      { text: 'cache writes through openai-compatible providers are counted as plain input', kind: 'rare' },
      { text: 'a step that was killed prints no usage', kind: 'unfinished' },
    ],
    measuredWith: '1.18.33',
  },
  launch: (input) => {
    refuseUnknown('opencode', input.settings, ['permissionMode', 'allowedTools', 'deniedTools']);
    return {
      ...MODEL_CLI_HABITS,
      argv: opencodeArgv(input),
      env: { ...QUIET, PWD: input.workingDir, ...permissions(input.settings) },
      stdin: promptOf(input),
      files: [],
      sessionId: input.session?.kind === 'resume' ? input.session.id : null,
    };
  },
  loginVariable: LOGIN.variable,
  metered: meteredOpencode,
  credentialFiles: (env) => [
    ...homeFile(env, LOGIN, 'opencode/auth.json'),
    ...homeFile(env, { variable: 'XDG_CONFIG_HOME', folder: '.config' }, 'opencode/opencode.json'),
  ],
  reader: () => new OpencodeReader(),
};

function opencodeArgv(input: LaunchInput): readonly [string, ...string[]] {
  const { program, settings, session } = input;
  const mode = permissionMode('opencode', settings.permissionMode ?? 'default', MODES);
  return [
    program,
    'run',
    '--format',
    'json',
    '--dir',
    input.workingDir,
    ...(mode === 'auto' ? ['--auto'] : []),
    ...option('--model', input.model),
    ...(session === null || session.kind === 'new' ? [] : ['--session', session.id]),
    ...(session?.kind === 'fork' ? ['--fork'] : []),
    ...input.args,
  ];
}

/** Rules laid over the operator's configuration; of two rules for one tool the later one, the denial, holds. */
function permissions({ allowedTools, deniedTools }: LaunchInput['settings']): Readonly<Record<string, string>> {
  const rules = [
    ...allowedTools.map((tool) => [tool, 'allow'] as const),
    ...deniedTools.map((tool) => [tool, 'deny'] as const),
  ];
  return rules.length === 0 ? {} : { OPENCODE_PERMISSION: JSON.stringify(Object.fromEntries(rules)) };
}
