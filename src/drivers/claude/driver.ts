// The driver for Claude Code.

import type { AgentDriver } from '../../ports/agent-driver.ts';
import { homeFile } from '../home-file.ts';
import { meteredByVariables, refuseOtherWays } from '../metering.ts';
import { MODEL_CLI_HABITS } from '../model-cli.ts';
import { promptOf } from '../prompt.ts';
import { claudeArgv, CLAUDE_ENV } from './argv.ts';
import { ClaudeReader } from './stream.ts';

/** Where it keeps its own things, its login too. */
const LOGIN = { variable: 'CLAUDE_CONFIG_DIR', folder: '.claude' };
/** Clouds with addresses of their own. */
const ELSEWHERE = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'] as const;

/** Claude Code, `claude`. */
export const claudeDriver: AgentDriver = {
  name: 'claude',
  habits: MODEL_CLI_HABITS,
  capabilities: {
    prompt: 'stdin',
    sessionId: 'chosen',
    resume: true,
    fork: true,
    usage: 'at the end',
    cost: 'printed',
    modelFlag: '--model',
    budgetFlag: '--max-budget-usd',
    turnFlag: '--max-turns',
    exitCodes: [
      { code: '0', meaning: 'a result was printed, or it was interrupted' },
      { code: '1', meaning: 'an error; which one is in the result event' },
      { code: '143', meaning: 'terminated' },
    ],
    knownLies: [
      'an API failure is printed as subtype success with is_error true',
      'SIGINT ends with exit 0, mostly without a result',
      'a tool call that was denied ends with exit 0 and text that says done',
      'usage leaves out the last request of a budget stop; modelUsage has it',
      'total_cost_usd and modelUsage go on over resumed and forked sessions',
      'the budget is looked at after a request: the last one may go over it',
    ],
    usageGaps: [
      { text: 'the input of streams that were cut before claude asked again is in no figure', kind: 'rare' },
      { text: 'a run that was killed prints input and cache of its messages, but no output', kind: 'killed_output' },
    ],
    measuredWith: '2.1.329',
  },
  launch: (input) => ({
    ...MODEL_CLI_HABITS,
    argv: claudeArgv(input),
    env: CLAUDE_ENV,
    stdin: promptOf(input),
    files: [],
    sessionId: input.session?.kind === 'fork' ? (input.session.newId ?? null) : (input.session?.id ?? null),
  }),
  loginVariable: LOGIN.variable,
  credentialFiles: (env) => homeFile(env, LOGIN, '.credentials.json'),
  metered: (start) => {
    refuseOtherWays('claude', start, ELSEWHERE);
    return meteredByVariables('claude', start, [{ name: 'ANTHROPIC_BASE_URL', usual: 'https://api.anthropic.com' }]);
  },
  reader: () => new ClaudeReader(),
};
