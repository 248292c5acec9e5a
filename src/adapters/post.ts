// Posts JSON and reads a bounded answer: the one way in which adapters without a client of their own speak HTTP.

import { messageOf } from '../lib/operational-error.ts';

/** One request. No redirect is followed: what is in the headers is meant for this address alone. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** What is longer is cut. */
  readonly maxAnswerBytes: number;
  /** Gives up early. */
  readonly ending?: AbortSignal;
}

/** What came back; `lost`: nothing usable, whether it arrived there or not. `why` does not name the address. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly kind: 'lost'; readonly why: string };

/** Posts; never rejects. */
export async function post(wish: Post): Promise<Posted> {
  const late = AbortSignal.timeout(wish.timeoutMs);
  const signal = wish.ending === undefined ? late : AbortSignal.any([late, wish.ending]);
  try {
    const response = await fetch(wish.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'dark-factory', ...wish.headers },
      body: wish.body,
      redirect: 'manual',
      signal,
    });
    const text = await beginningOf(response, wish.maxAnswerBytes);
    return { kind: 'answered', status: response.status, headers: response.headers, text };
  } catch (error) {
    return { kind: 'lost', why: late.aborted ? `no answer within ${wish.timeoutMs / 1000} s` : causeOf(error) };
  }
}

/** Epoch ms of a Retry-After header, in seconds or as a date; null: there is none that can be read. */
export function retryAfter(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,8}$/.test(value)) {
    return now + Number(value) * 1000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}

/** Statuses that say: not now. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

async function beginningOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of chunks) {
    const piece = chunk.subarray(0, maxBytes - bytes);
    text += decoder.decode(piece, { stream: true });
    bytes += piece.length;
    if (bytes >= maxBytes) {
      break;
    }
  }
  return text;
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code === '' ? messageOf(cause ?? error) : code;
}
