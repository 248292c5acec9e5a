// Finds this run's own tokens and cost in Claude Code's result events, whose totals go on over the runs of a session.

import type { EndInput, ModelUsage, SessionTotal, TokenUsage } from '../../ports/agent-driver.ts';
import { numberAt, isObject, objectAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { agrees, microUsd, plus, shareOf, splitReasoning, standing, ZERO_USAGE } from '../usage.ts';

/** What a run used. */
export interface Share extends SessionTotal {
  readonly byModel: readonly ModelUsage[];
}

/** The figures of all result events of one run; a run with queued turns prints several. */
export class ResultCounts {
  /** Sum of `usage`: this run, but without the last request of a budget stop and without sub-agents. */
  #own: TokenUsage | null = null;
  /** Sum of `model_usage_since_last_result`: exactly this run. Not printed by older builds and the json format. */
  #sinceLast: Share | null = null;
  /** The last `modelUsage`: all of the session, in older builds all of this process. */
  #total: Share | null = null;

  take(result: Json): void {
    const usage = ofMessage(objectAt(result, 'usage'));
    this.#own = this.#own === null ? usage : plus(this.#own, usage);
    const models = result['modelUsage'];
    this.#total = isObject(models)
      ? { ...ofModels(models), costMicroUsd: microUsd(numberAt(result, 'total_cost_usd')) }
      : null;
    const since = result['model_usage_since_last_result'];
    if (isObject(since)) {
      this.#sinceLast = this.#sinceLast === null ? ofModels(since) : together(this.#sinceLast, ofModels(since));
    }
  }

  /** This run's share; null when no result was printed. */
  share(previous: EndInput['previousTotal']): Share | null {
    if (this.#own === null) {
      return null;
    }
    if (this.#sinceLast !== null) {
      return this.#sinceLast;
    }
    if (this.#total === null) {
      return { usage: this.#own, costMicroUsd: null, byModel: [] };
    }
    // An older build begins its totals anew in each process: then they are this run's, whatever was before.
    if (previous === null || agrees(this.#total.usage, this.#own)) {
      return this.#total;
    }
    return { ...(shareOf(this.#total, previous) ?? { usage: this.#own, costMicroUsd: null }), byModel: [] };
  }

  /** Where the session stands now. A run without a result is missing from the next total. */
  standing(previous: EndInput['previousTotal']): SessionTotal | null {
    return this.#total === null
      ? standing(previous)
      : { usage: this.#total.usage, costMicroUsd: this.#total.costMicroUsd };
  }
}

function ofMessage(usage: Json): TokenUsage {
  return {
    input: numberAt(usage, 'input_tokens'),
    cacheRead: numberAt(usage, 'cache_read_input_tokens'),
    cacheWrite: numberAt(usage, 'cache_creation_input_tokens'),
    ...splitReasoning(
      numberAt(usage, 'output_tokens'),
      numberAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens'),
    ),
  };
}

function ofModels(models: Json): Share {
  const figures = Object.entries(models).filter((entry): entry is [string, Json] => isObject(entry[1]));
  const byModel = figures.map(([model, counts]) => ({ model, usage: ofModel(counts) }));
  const costs = figures.map(([, counts]) => microUsd(numberAt(counts, 'costUSD')));
  return {
    byModel,
    usage: byModel.reduce((sum, { usage }) => plus(sum, usage), ZERO_USAGE),
    costMicroUsd: costs.reduce<number | null>((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
  };
}

function ofModel(counts: Json): TokenUsage {
  return {
    input: numberAt(counts, 'inputTokens'),
    cacheRead: numberAt(counts, 'cacheReadInputTokens'),
    cacheWrite: numberAt(counts, 'cacheCreationInputTokens'),
    ...splitReasoning(numberAt(counts, 'outputTokens'), numberAt(counts, 'thinkingTokens')),
  };
}

function together(a: Share, b: Share): Share {
  const known = a.costMicroUsd !== null && b.costMicroUsd !== null;
  return {
    usage: plus(a.usage, b.usage),
    costMicroUsd: known ? (a.costMicroUsd ?? 0) + (b.costMicroUsd ?? 0) : null,
    byModel: [...a.byModel, ...b.byModel],
  };
}
