// How many tokens each answer of the mock model reports, and how each vendor writes them down.

/** Wire formats that are spoken. */
export type Vendor = 'anthropic' | 'responses' | 'chat' | 'gemini';

/** Five disjoint kinds. */
export interface Tokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

export const NO_TOKENS: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

const OPENAI: Tokens = { input: 234, cacheRead: 1000, cacheWrite: 0, output: 48, reasoning: 8 };
const FIRST: Readonly<Record<Vendor, Tokens>> = {
  anthropic: { input: 1234, cacheRead: 1000, cacheWrite: 200, output: 56, reasoning: 0 },
  responses: OPENAI,
  chat: OPENAI,
  gemini: { input: 234, cacheRead: 1000, cacheWrite: 0, output: 56, reasoning: 8 },
};
/** Beyond this many answers all report alike. */
const MOST_DISTINCT = 16;

/** Tokens of the `nth` answer (from 1): no two sets of answers have the same sum of input, so a sum tells which are in it. */
export function tokensOf(vendor: Vendor, nth: number): Tokens {
  const later = Math.min(nth - 1, MOST_DISTINCT);
  const more = {
    input: 2 ** later - 1,
    cacheRead: 100 * later,
    cacheWrite: 10 * later,
    output: 3 * later,
    reasoning: later,
  };
  const first = FIRST[vendor];
  const grown = (kind: keyof Tokens): number => (first[kind] === 0 ? 0 : first[kind] + more[kind]);
  return {
    input: grown('input'),
    cacheRead: grown('cacheRead'),
    cacheWrite: grown('cacheWrite'),
    output: grown('output'),
    reasoning: grown('reasoning'),
  };
}

export function sumOf(all: readonly Tokens[]): Tokens {
  return all.reduce(
    (sum, next) => ({
      input: sum.input + next.input,
      cacheRead: sum.cacheRead + next.cacheRead,
      cacheWrite: sum.cacheWrite + next.cacheWrite,
      output: sum.output + next.output,
      reasoning: sum.reasoning + next.reasoning,
    }),
    NO_TOKENS,
  );
}

/** `tokens` as `vendor` prints them. */
export function onWire(vendor: Vendor, tokens: Tokens): object {
  const { input, cacheRead, cacheWrite, output, reasoning } = tokens;
  const inAll = input + cacheRead + cacheWrite;
  const outAll = output + reasoning;
  switch (vendor) {
    case 'anthropic':
      return {
        input_tokens: input,
        cache_creation_input_tokens: cacheWrite,
        cache_read_input_tokens: cacheRead,
        output_tokens: outAll,
      };
    case 'responses':
      return {
        input_tokens: inAll,
        input_tokens_details: { cached_tokens: cacheRead },
        output_tokens: outAll,
        output_tokens_details: { reasoning_tokens: reasoning },
        total_tokens: inAll + outAll,
      };
    case 'chat':
      return {
        prompt_tokens: inAll,
        completion_tokens: outAll,
        total_tokens: inAll + outAll,
        prompt_tokens_details: { cached_tokens: cacheRead },
        completion_tokens_details: { reasoning_tokens: reasoning },
      };
    case 'gemini':
      return {
        promptTokenCount: inAll,
        candidatesTokenCount: output,
        totalTokenCount: inAll + outAll,
        cachedContentTokenCount: cacheRead,
        thoughtsTokenCount: reasoning,
      };
  }
}
