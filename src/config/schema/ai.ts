// `[ai]`: the model that explains alerts and answers replies.

import * as z from 'zod';

import { defaulted, optional } from '../key.ts';
import { name, secretFile, text, url, whole } from '../kinds.ts';

/** The table `[ai]`. */
export const aiSchema = z.strictObject({
  provider: defaulted(name(), 'openai-compatible', {
    means: 'Who provides the model, as messages name it; all are spoken to in the same way.',
    example: '"ollama"',
  }),
  endpoint: optional(url(), {
    means: 'Address of the API, up to the part before "/chat/completions"; without it nothing is explained.',
    example: '"http://127.0.0.1:11434/v1"',
  }),
  model: optional(text('expands'), {
    means: 'Name of the model; without it nothing is explained.',
    example: '"qwen3:8b"',
  }),
  api_key_file: optional(secretFile(), {
    means: 'File that holds the key of the API (mode 0600), or a systemd credential.',
    example: '"/etc/adf/model-key"',
  }),
  daily_tokens: defaulted(whole(1000, 1_000_000_000), 200_000, {
    means: 'Tokens that explanations may use on one day (UTC); alerts themselves go on without them.',
    example: '50000',
  }),
});

/** `[ai]` after its checks. */
export type AiInput = z.output<typeof aiSchema>;
