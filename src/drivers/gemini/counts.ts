// Reads the Gemini CLI's token figures as five disjoint kinds; it knows no cache writes.

import type { TokenUsage } from '../../ports/agent-driver.ts';
import { isObject, numberAt, objectAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { plus } from '../usage.ts';

/** `stats` of a result event: thoughts are what is left of the total. */
export function countsOf(stats: Json): TokenUsage {
  const total = numberAt(stats, 'total_tokens');
  const inAll = numberAt(stats, 'input_tokens');
  const output = numberAt(stats, 'output_tokens');
  return {
    input: numberAt(stats, 'input'),
    cacheRead: numberAt(stats, 'cached'),
    cacheWrite: null,
    output,
    reasoning: total === null || inAll === null || output === null ? null : Math.max(0, total - inAll - output),
  };
}

/** `stats.models` of the json format, side requests of other models included; null when there is none. */
export function ofModels(models: Json): TokenUsage | null {
  const counts = Object.values(models)
    .filter(isObject)
    .map((model) => objectAt(model, 'tokens'))
    .map((tokens): TokenUsage => ({
      input: numberAt(tokens, 'input'),
      cacheRead: numberAt(tokens, 'cached'),
      cacheWrite: null,
      output: numberAt(tokens, 'candidates'),
      reasoning: numberAt(tokens, 'thoughts'),
    }));
  const [first, ...rest] = counts;
  return first === undefined ? null : rest.reduce(plus, first);
}
