// The driver for Qwen Code.

import type { AgentDriver } from '../../ports/agent-driver.ts';
import { homeFile } from '../home-file.ts';
import { meteredByVariables } from '../metering.ts';
import { MODEL_CLI_HABITS } from '../model-cli.ts';
import { promptOf } from '../prompt.ts';
import { qwenStart } from './argv.ts';
import { QwenReader } from './stream.ts';

/** Where it keeps its own things, its login too. */
const LOGIN = { variable: 'QWEN_HOME', folder: '.qwen' };

/** Qwen Code, `qwen`. */
export const qwenDriver: AgentDriver = {
  name: 'qwen',
  habits: MODEL_CLI_HABITS,
  capabilities: {
    prompt: 'stdin',
    sessionId: 'chosen',
    resume: true,
    fork: true,
    usage: 'each message',
    cost: 'priced',
    modelFlag: '-m',
    budgetFlag: null,
    turnFlag: '--max-session-turns',
    exitCodes: [
      { code: '0', meaning: 'the result event says success' },
      { code: '1', meaning: 'an error, in the result event; an unknown session on stderr only' },
      { code: '53, 55', meaning: 'turns; wall time or tool calls; no result event' },
    ],
    knownLies: [
      'a 429 of an account without money is retried like any other; the cause is on stderr only',
      'its retries wait 60 s, 120 s, … with up to 28 requests per round: we stop it at the first delay of 60 s',
      'a retry-after is obeyed in silence',
      'its totals go on over resumed and forked sessions, runs that were killed included',
      'a tool call that was denied ends with exit 0 and text that says done',
    ],
    usageGaps: [
      { text: 'reasoning has no figure of its own, it is inside the output', kind: 'reasoning_inside' },
      { text: 'cache writes are counted as plain input', kind: 'cache_writes' },
      { text: 'a hidden request after the answer is in the result, not in a message', kind: 'rare' },
      { text: 'the request in flight at a kill is in no figure', kind: 'rare' },
    ],
    measuredWith: '0.24.4',
  },
  launch: (input) => ({
    ...MODEL_CLI_HABITS,
    ...qwenStart(input),
    stdin: promptOf(input),
    sessionId: input.session?.kind === 'fork' ? null : (input.session?.id ?? null),
  }),
  loginVariable: LOGIN.variable,
  credentialFiles: (env) => homeFile(env, LOGIN, 'oauth_creds.json'),
  metered: (start) => meteredByVariables('qwen', start, [{ name: 'OPENAI_BASE_URL', usual: null }]),
  reader: () => new QwenReader(),
};
