// The driver for the Gemini CLI.

import type { AgentDriver } from '../../ports/agent-driver.ts';
import { meteredByVariables, refuseOtherWays } from '../metering.ts';
import { MODEL_CLI_HABITS } from '../model-cli.ts';
import { promptOf } from '../prompt.ts';
import { geminiStart } from './argv.ts';
import { GeminiReader } from './stream.ts';

/** With a key, and with the login of a person. */
const ADDRESSES = [
  { name: 'GOOGLE_GEMINI_BASE_URL', usual: 'https://generativelanguage.googleapis.com' },
  { name: 'CODE_ASSIST_ENDPOINT', usual: 'https://cloudcode-pa.googleapis.com' },
] as const;

/** Google's Gemini CLI, `gemini`. */
export const geminiDriver: AgentDriver = {
  name: 'gemini',
  habits: MODEL_CLI_HABITS,
  capabilities: {
    prompt: 'stdin',
    sessionId: 'chosen',
    resume: true,
    fork: false,
    usage: 'at the end',
    cost: 'priced',
    modelFlag: '-m',
    budgetFlag: null,
    turnFlag: 'model.maxSessionTurns (settings)',
    exitCodes: [
      { code: '0', meaning: 'a result was printed, or it was interrupted or terminated' },
      {
        code: '41, 42, 44, 52, 53, 54, 55',
        meaning: 'authentication, input, sandbox, configuration, turns, tool, folder',
      },
      { code: '144, 145, 147, 173, 244, 247, 17', meaning: 'HTTP 400, 401, 403, 429, 500, 503, 529 (modulo 256)' },
      { code: '1', meaning: 'any other error, HTTP 404 too' },
    ],
    knownLies: [
      'SIGINT and SIGTERM end with exit 0 and no result',
      'an empty answer ends with exit 0 and status error',
      'a loop that it detects ends with exit 0 and status success',
      'every 429 speaks of plan and billing; with "limit: 0" the delay that it suggests is wrong',
      'a session without an answer is not kept; a turn that was killed is not in its history',
      'its defaults file, with turns and denied tools, is skipped when a folder above it is writable by others',
    ],
    usageGaps: [
      { text: 'a run that was killed prints no usage', kind: 'unfinished' },
      { text: 'the answer in which a loop was found, and the one after it, are in no figure', kind: 'rare' },
      { text: 'cache writes have no figure', kind: 'cache_writes' },
    ],
    measuredWith: '0.61.0',
  },
  launch: (input) => ({
    ...MODEL_CLI_HABITS,
    ...geminiStart(input),
    stdin: promptOf(input),
    sessionId: input.session?.id ?? null,
  }),
  loginVariable: 'GEMINI_CLI_HOME',
  metered: (start) => {
    refuseOtherWays('gemini', start, ['GOOGLE_GENAI_USE_VERTEXAI']);
    return meteredByVariables('gemini', start, ADDRESSES);
  },
  credentialFiles: ({ HOME, GEMINI_CLI_HOME: home = HOME }) =>
    home === undefined ? [] : [`${home}/.gemini/oauth_creds.json`],
  reader: () => new GeminiReader(),
};
