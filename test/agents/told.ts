// Which of the server's tokens each CLI tells of a run: the gaps that its capability record names, to the token.

import type { CliName } from './install.ts';
import type { Request } from './mock-model/server.ts';
import { NO_TOKENS, sumOf } from './mock-model/tokens.ts';
import type { Tokens } from './mock-model/tokens.ts';

/** How a run came to its end. */
export type Manner = 'by itself' | 'interrupted in a tool' | 'killed in a tool';

/** What a run row must hold; a kind that is null has no figure, and null as a whole: nothing is known. */
export type Told = { readonly [Kind in keyof Tokens]: number | null } | null;

/** What `cli` tells of `requests` after a run that ended in `manner`. */
export function told(cli: CliName, requests: readonly Request[], manner: Manner): Told {
  const all = sumOf(requests.map(({ tokens }) => tokens ?? NO_TOKENS));
  switch (cli) {
    case 'claude':
      // A message's own line carries the output of its beginning; only a result has the true one.
      return manner === 'killed in a tool' ? { ...all, output: null, reasoning: null } : all;
    case 'codex':
      // A turn that is killed prints none of it; its rollout file has it all.
      return all;
    case 'opencode':
      // The title of a new session is asked for and not reported, and a step that did not end prints nothing.
      return manner === 'by itself'
        ? sumOf(requests.filter(({ isSide }) => !isSide).map(({ tokens }) => tokens ?? NO_TOKENS))
        : null;
    case 'gemini':
      return manner === 'by itself' ? { ...all, cacheWrite: null } : null;
    case 'qwen':
      // Reasoning has no figure of its own: it is inside the output.
      return { ...all, output: all.output + all.reasoning, cacheWrite: null, reasoning: null };
  }
}
