// `[[prices]]`: what a model costs by the token, where our list does not know it or an operator pays something else.

import * as z from 'zod';

import { optional, required } from '../key.ts';
import { dollars, text } from '../kinds.ts';

/** One entry of `[[prices]]`; US dollars per million tokens. */
export const priceSchema = z.strictObject({
  model: required(text(), {
    means: "The model's name, with or without its provider and its date.",
    example: '"qwen3-coder"',
  }),
  input: required(dollars(), { means: 'Price of a million tokens of input, in US dollars.', example: '0.5' }),
  output: required(dollars(), {
    means: 'Price of a million tokens of output and reasoning, in US dollars.',
    example: '1.5',
  }),
  cache_read: optional(dollars(), {
    means: 'Price of a million tokens read from a cache, in US dollars; as input where it is not set.',
    example: '0.05',
  }),
  cache_write: optional(dollars(), {
    means: 'Price of a million tokens written to a cache, in US dollars; as input where it is not set.',
    example: '0.6',
  }),
});

/** One price after its checks. */
export type PriceInput = z.output<typeof priceSchema>;
