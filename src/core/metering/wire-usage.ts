// Reads the token figures in an answer of a model, in the words of each vendor, as five disjoint kinds.

import type { TokenCounts } from '../budget/tokens.ts';

/** What one answer has told of itself so far. */
export interface WireUsage {
  /** The model that answered, as it calls itself; null: it does not say. */
  readonly model: string | null;
  /** The vendor's id of the answer. */
  readonly id: string | null;
  readonly tokens: TokenCounts;
}

/**
 * What `message`, an event of a stream or a whole body, says of tokens, laid over `before`, which the same answer said
 * earlier; null: nothing. Anthropic messages, OpenAI responses and chat completions, Gemini (also wrapped by Code Assist).
 */
export function wireUsage(message: unknown, before: WireUsage | null): WireUsage | null {
  return anthropic(message, before) ?? responses(message) ?? chat(message) ?? gemini(message);
}

/** A stream begins with the input and an output that is only begun; a later event has the true one, and what changed. */
function anthropic(message: unknown, before: WireUsage | null): WireUsage | null {
  switch (at(message, 'type')) {
    case 'message_start': {
      const begun = at(message, 'message');
      const tokens = anthropicTokens(at(begun, 'usage'), null);
      return tokens === null ? null : { ...named(begun, 'model', 'id'), tokens: { ...tokens, output: null } };
    }
    case 'message_delta': {
      const tokens = anthropicTokens(at(message, 'usage'), before?.tokens ?? null);
      return tokens === null ? null : { model: before?.model ?? null, id: before?.id ?? null, tokens };
    }
    case 'message': {
      const tokens = anthropicTokens(at(message, 'usage'), null);
      return tokens === null ? null : { ...named(message, 'model', 'id'), tokens };
    }
    default:
      return null;
  }
}

/** Cached input stands beside the input; thinking is a part of the output, with a figure of its own where there is one. */
function anthropicTokens(usage: unknown, before: TokenCounts | null): TokenCounts | null {
  if (!isObject(usage)) {
    return null;
  }
  const output = count(usage, 'output_tokens');
  const reasoning = count(usage, 'output_tokens_details', 'thinking_tokens');
  return {
    input: count(usage, 'input_tokens') ?? before?.input ?? null,
    cacheRead: count(usage, 'cache_read_input_tokens') ?? before?.cacheRead ?? null,
    cacheWrite: count(usage, 'cache_creation_input_tokens') ?? before?.cacheWrite ?? null,
    output: output === null ? (before?.output ?? null) : rest(output, reasoning),
    reasoning: reasoning ?? before?.reasoning ?? null,
  };
}

/** Only the last event of a stream has figures; those before it hold the same answer without them. */
function responses(message: unknown): WireUsage | null {
  const type = at(message, 'type');
  const body = typeof type === 'string' && type.startsWith('response.') ? at(message, 'response') : message;
  const usage = at(body, 'usage');
  const input = count(usage, 'input_tokens');
  const output = count(usage, 'output_tokens');
  const isOne = typeof type === 'string' ? body !== message : String(at(body, 'object')).startsWith('response');
  if (!isOne || input === null || output === null) {
    return null;
  }
  const parts = ['input_tokens_details', 'output_tokens_details'] as const;
  return { ...named(body, 'model', 'id'), tokens: partsOf(usage, { input, output, parts }) };
}

/** Some vendors repeat the figures in each chunk of a stream: they grow, and the last ones are true. */
function chat(message: unknown): WireUsage | null {
  const usage = at(message, 'usage');
  const input = count(usage, 'prompt_tokens');
  if (input === null) {
    return null;
  }
  const output = count(usage, 'completion_tokens') ?? 0;
  const parts = ['prompt_tokens_details', 'completion_tokens_details'] as const;
  return { ...named(message, 'model', 'id'), tokens: partsOf(usage, { input, output, parts }) };
}

/** Cached and written input are parts of the input, reasoning is one of the output; what is not named is no part of them. */
function partsOf(
  usage: unknown,
  whole: { readonly input: number; readonly output: number; readonly parts: readonly [string, string] },
): TokenCounts {
  const { input, output, parts } = whole;
  const cacheRead = count(usage, parts[0], 'cached_tokens') ?? count(usage, 'prompt_cache_hit_tokens') ?? 0;
  const cacheWrite = count(usage, parts[0], 'cache_write_tokens') ?? 0;
  const reasoning = count(usage, parts[1], 'reasoning_tokens') ?? 0;
  return {
    input: rest(input, cacheRead + cacheWrite),
    cacheRead,
    cacheWrite,
    output: rest(output, reasoning),
    reasoning,
  };
}

/** A count of nothing is left out; thoughts stand beside the output, and each event of a stream repeats what grew. */
function gemini(message: unknown): WireUsage | null {
  if (Array.isArray(message)) {
    // A stream that was not asked for events is one list of them.
    return message.reduce<WireUsage | null>((last, part) => gemini(part) ?? last, null);
  }
  const body = isObject(at(message, 'response')) ? at(message, 'response') : message;
  const usage = at(body, 'usageMetadata');
  const input = count(usage, 'promptTokenCount');
  if (input === null) {
    return null;
  }
  const cacheRead = count(usage, 'cachedContentTokenCount') ?? 0;
  return {
    ...named(body, 'modelVersion', 'responseId'),
    tokens: {
      input: rest(input, cacheRead) + (count(usage, 'toolUsePromptTokenCount') ?? 0),
      cacheRead,
      cacheWrite: 0,
      output: count(usage, 'candidatesTokenCount') ?? 0,
      reasoning: count(usage, 'thoughtsTokenCount') ?? 0,
    },
  };
}

function named(body: unknown, model: string, id: string): Pick<WireUsage, 'model' | 'id'> {
  return { model: textOf(at(body, model)), id: textOf(at(body, id)) };
}

/** Longest name that is kept. */
const NAME_CHARS = 200;

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, NAME_CHARS) : null;
}

function rest(whole: number, part: number | null): number {
  return Math.max(0, whole - (part ?? 0));
}

function count(value: unknown, ...path: readonly string[]): number | null {
  const found = path.reduce<unknown>(at, value);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : null;
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
