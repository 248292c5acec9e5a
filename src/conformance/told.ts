// Which of the server's tokens a CLI tells of a run: all but the gaps that its capability record names, to the token.

import type { Capabilities, UsageGap } from '../ports/agent-driver.ts';
import type { Request } from './mock-model/server.ts';
import { NO_TOKENS, sumOf } from './mock-model/tokens.ts';
import type { Tokens } from './mock-model/tokens.ts';

/** How a run came to its end. */
export type Manner = 'by itself' | 'interrupted in a tool' | 'killed in a tool';

/** What a run row must hold; a kind that is null has no figure, and null as a whole: nothing is known. */
export type Told = { readonly [Kind in keyof Tokens]: number | null } | null;

/** What a CLI with the gaps of `record` tells of `requests` after a run that ended in `manner`. */
export function told(record: Pick<Capabilities, 'usageGaps'>, requests: readonly Request[], manner: Manner): Told {
  const kinds = new Set(record.usageGaps.map(({ kind }) => kind));
  const has = (kind: UsageGap['kind']): boolean => kinds.has(kind);
  const counted = has('side_requests') ? requests.filter(({ isSide }) => !isSide) : requests;
  const all = sumOf(counted.map(({ tokens }) => tokens ?? NO_TOKENS));
  if (manner !== 'by itself' && has('unfinished')) {
    return null;
  }
  const isOutputLost = manner === 'killed in a tool' && has('killed_output');
  const output = has('reasoning_inside') ? all.output + all.reasoning : all.output;
  return {
    input: all.input,
    cacheRead: all.cacheRead,
    cacheWrite: has('cache_writes') ? null : all.cacheWrite,
    output: isOutputLost ? null : output,
    reasoning: isOutputLost || has('reasoning_inside') ? null : all.reasoning,
  };
}
