// The driver for codex.

import type { AgentDriver } from '../../ports/agent-driver.ts';
import { homeFile } from '../home-file.ts';
import { MODEL_CLI_HABITS } from '../model-cli.ts';
import { promptOf } from '../prompt.ts';
import { refuseUnknown } from '../settings.ts';
import { codexArgv } from './argv.ts';
import { meteredCodex } from './metered.ts';
import { CodexReader } from './stream.ts';

/** Where it keeps its own things, its login too. */
const LOGIN = { variable: 'CODEX_HOME', folder: '.codex' };

/** OpenAI's codex, `codex`. */
export const codexDriver: AgentDriver = {
  name: 'codex',
  habits: MODEL_CLI_HABITS,
  capabilities: {
    prompt: 'stdin',
    sessionId: 'read',
    resume: true,
    fork: true,
    usage: 'each step',
    cost: 'priced',
    modelFlag: '-m',
    budgetFlag: null,
    turnFlag: null,
    exitCodes: [
      { code: '0', meaning: 'the turn was completed' },
      { code: '1', meaning: 'the turn failed (turn.failed says how), the session is unknown (stderr), or SIGINT' },
    ],
    knownLies: [
      'an item of type error can be a mere warning',
      'error events "Reconnecting… n/m" are not final',
      'without a network it never ends: we stop it at the third "waiting for network" in a row',
      'a retry-after is obeyed in silence, for an hour if the server says so',
      'a command that the sandbox refuses is mostly in no item, and the run ends with exit 0',
      'the reset of a used-up plan is a local clock time without date or zone',
    ],
    usageGaps: [
      {
        text: 'a turn that failed or was killed prints no usage: it is read from the rollout file, which --ephemeral does not write',
        kind: 'rare',
      },
      { text: 'the request in flight at a kill is in no figure', kind: 'rare' },
    ],
    measuredWith: '0.169.0',
  },
  launch: (input) => {
    refuseUnknown('codex', input.settings, ['permissionMode']);
    return {
      ...MODEL_CLI_HABITS,
      argv: codexArgv(input),
      env: {},
      stdin: promptOf(input),
      files: [],
      sessionId: input.session?.kind === 'resume' ? input.session.id : null,
    };
  },
  sideFile: (sessionId, env) => {
    const [folder] = homeFile(env, LOGIN, 'sessions');
    return folder === undefined ? null : { folder, endsWith: `-${sessionId}.jsonl` };
  },
  loginVariable: LOGIN.variable,
  credentialFiles: (env) => homeFile(env, LOGIN, 'auth.json'),
  metered: meteredCodex,
  reader: () => new CodexReader(),
};
