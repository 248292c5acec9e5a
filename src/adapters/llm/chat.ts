// Asks a model behind an OpenAI-compatible API (`POST …/chat/completions`), within 30 s and without streaming.

import { z } from 'zod';
import { redact } from '../../core/redact.ts';
import { cutMiddle } from '../../lib/cut-text.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import { readSecret } from '../../os/secret-file.ts';
import type { Model, ModelQuestion, ModelReply } from '../../ports/model.ts';
import { isTransient, post, retryAfter } from '../post.ts';
import type { Posted } from '../post.ts';

/** Longest wait for a whole answer. */
export const ANSWER_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const QUOTED_BYTES = 300;
/** Where an API does not count: a token is at least so many characters of ordinary text. */
const CHARACTERS_PER_TOKEN = 3;

/** Where the model is. */
export interface ChatInput {
  /** Without `/chat/completions`. */
  readonly endpoint: string;
  readonly model: string;
  /** As messages name it. */
  readonly provider: string;
  /** Null: the API wants no key. */
  readonly apiKeyFile: string | null;
  readonly timeoutMs?: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({ total_tokens: z.number().int().nonnegative() }).nullish(),
});

/** The model of `input`. */
export function chatModel(input: ChatInput): Model {
  return { name: `${input.model} (${input.provider})`, ask: async (question, ending) => ask(input, question, ending) };
}

async function ask(input: ChatInput, question: ModelQuestion, ending: AbortSignal): Promise<ModelReply> {
  let key: string | null;
  try {
    key = input.apiKeyFile === null ? null : await readSecret(input.apiKeyFile, '[ai] api_key_file');
  } catch (error) {
    if (error instanceof OperationalError) {
      return { kind: 'failed', permanent: true, message: error.message, retryAt: null };
    }
    throw error;
  }
  const body = JSON.stringify({
    model: input.model,
    messages: [
      { role: 'system', content: question.system },
      ...question.messages.map(({ author, text }) => ({
        role: author === 'model' ? 'assistant' : 'user',
        content: text,
      })),
    ],
    max_tokens: question.maxTokens,
    stream: false,
  });
  const posted = await post({
    url: `${input.endpoint}/chat/completions`,
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    body,
    timeoutMs: input.timeoutMs ?? ANSWER_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    ending,
  });
  return replyOf(posted, { sent: body.length, secrets: key === null ? [] : [key], now: input.now() });
}

function replyOf(
  posted: Posted,
  about: { readonly sent: number; readonly secrets: readonly string[]; readonly now: number },
): ModelReply {
  if (posted.kind === 'lost') {
    return { kind: 'failed', permanent: false, message: `the model cannot be reached: ${posted.why}`, retryAt: null };
  }
  const { status, headers, text } = posted;
  if (status < 200 || status >= 300) {
    const quote = cutMiddle(redact(text, about.secrets).replace(/\s+/g, ' '), QUOTED_BYTES);
    return {
      kind: 'failed',
      permanent: !isTransient(status),
      message: `the model answered ${status}: ${quote}`,
      retryAt: retryAfter(headers, about.now),
    };
  }
  const read = answerSchema.safeParse(parsed(text));
  if (!read.success) {
    return { kind: 'failed', permanent: false, message: 'the answer of the model is not as documented', retryAt: null };
  }
  const content = read.data.choices[0]?.message.content ?? '';
  const estimate = Math.ceil((about.sent + content.length) / CHARACTERS_PER_TOKEN);
  return { kind: 'answered', text: content, tokens: read.data.usage?.total_tokens ?? estimate };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says that null is no answer.
    return null;
  }
}
