// Reads the Gemini CLI's token figures as five disjoint kinds; it knows no cache writes.

import type { ModelUsage, TokenUsage } from '../../ports/agent-driver.ts';
import { isObject, numberAt } from '../json-line.ts';
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

/** `stats.models`, side requests of other models included: the stream has the figures themselves, the json format `tokens`. */
export function modelsOf(models: Json): readonly ModelUsage[] {
  return Object.entries(models).flatMap(([model, figures]) =>
    isObject(figures)
      ? [{ model, usage: isObject(figures['tokens']) ? ofTokens(figures['tokens']) : countsOf(figures) }]
      : [],
  );
}

/** All models together; null when there is none. */
export function sumOf(models: readonly ModelUsage[]): TokenUsage | null {
  const [first, ...rest] = models.map(({ usage }) => usage);
  return first === undefined ? null : rest.reduce(plus, first);
}

function ofTokens(tokens: Json): TokenUsage {
  return {
    input: numberAt(tokens, 'input'),
    cacheRead: numberAt(tokens, 'cached'),
    cacheWrite: null,
    output: numberAt(tokens, 'candidates'),
    reasoning: numberAt(tokens, 'thoughts'),
  };
}
