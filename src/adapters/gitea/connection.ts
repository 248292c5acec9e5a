// Carries one call to Gitea and back: token, time-out, size limit, no redirects, and every way of failing made plain.

import { readFile, stat } from 'node:fs/promises';
import { giteaApi, type Api, type HttpResponse } from 'gitea-js';
import type { z } from 'zod';
import { redact } from '../../core/redact.ts';
import { exposureOf } from '../../lib/secret-mode.ts';
import { messageOf } from '../../lib/operational-error.ts';
import { disconnected, GiteaFailure, refused, unusable, type Attempt } from './failure.ts';

/** Gitea's tokens have 40 characters; a longer file is some other file. */
const MAX_TOKEN_CHARACTERS = 4096;

/** The generated client without its security type. */
export type GiteaClient = Api<unknown>;

/** What one connection is made of. */
export interface ConnectionOptions {
  readonly url: string;
  readonly tokenFile: string;
  /** Longest wait for a whole answer. */
  readonly timeoutMs: number;
  /** Longest answer that is read. */
  readonly maxAnswerBytes: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A usable answer; `total` is X-Total-Count where it was sent. */
export interface Answer<Value> {
  readonly value: Value;
  readonly total: number | null;
}

/** One Gitea, asked as the owner of the token file. */
export class GiteaConnection {
  /** Without `/api/v1` and without slashes at its end. */
  readonly url: string;
  readonly now: () => number;
  readonly #options: ConnectionOptions;
  readonly #client: GiteaClient;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.url = options.url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
    this.now = options.now;
    this.#client = giteaApi(this.url, { customFetch: (url, init) => this.#fetch(url, init) });
  }

  /** Asks and checks the answer with `schema`; throws a GiteaFailure. */
  async call<Value>(
    attempt: Attempt,
    ask: (client: GiteaClient) => Promise<HttpResponse<unknown>>,
    schema: z.ZodType<Value>,
  ): Promise<Answer<Value>> {
    const response = await this.#ask(attempt, ask);
    // gitea-js resolves with `error` set where a success had no readable JSON (204, a page of a proxy, a body cut short).
    if (response.error !== null) {
      throw unusable(attempt, response.status, { why: 'the answer is not JSON', now: this.now() });
    }
    const checked = schema.safeParse(response.data);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const why = `the answer is not as documented (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`;
      throw unusable(attempt, response.status, { why, now: this.now() });
    }
    return { value: checked.data, total: totalCount(response.headers) };
  }

  /** Changes when the token file or its mode changes, appears or vanishes. */
  async accessStamp(): Promise<string> {
    try {
      const { ino, size, ctimeNs } = await stat(this.#options.tokenFile, { bigint: true });
      return `${ino}:${size}:${ctimeNs}`;
    } catch (thrown) {
      return errorCode(thrown);
    }
  }

  async #ask(
    attempt: Attempt,
    ask: (client: GiteaClient) => Promise<HttpResponse<unknown>>,
  ): Promise<HttpResponse<unknown>> {
    try {
      return await ask(this.#client);
    } catch (thrown) {
      if (thrown instanceof GiteaFailure) {
        throw thrown;
      }
      // gitea-js rejects with the Response itself where its status is no success.
      if (thrown instanceof Response) {
        const quote = redact(serverMessage(thrown), await this.#secrets());
        throw refused(attempt, thrown, { quote, now: this.now() });
      }
      throw disconnected(attempt, thrown, this.now());
    }
  }

  async #fetch(url: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `token ${await this.#token()}`);
    headers.set('accept', 'application/json');
    headers.set('user-agent', 'dark-factory');
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    return whole(await fetch(url, { ...init, headers, signal, redirect: 'manual' }), this.#options.maxAnswerBytes);
  }

  /** Read at every use, so that a token can be replaced while we run. */
  async #token(): Promise<string> {
    const { tokenFile } = this.#options;
    let text: string;
    let exposure: string | null;
    try {
      exposure = exposureOf(tokenFile, (await stat(tokenFile)).mode);
      text = await readFile(tokenFile, 'utf8');
    } catch (thrown) {
      throw noToken(`cannot read the token file ${tokenFile} (${errorCode(thrown)})`);
    }
    if (exposure !== null) {
      throw new GiteaFailure(`[gitea] token_file: ${exposure}`, NO_TOKEN);
    }
    const token = text.trim();
    if (token === '' || token.length > MAX_TOKEN_CHARACTERS || !/^[\x21-\x7E]+$/.test(token)) {
      throw noToken(`the token file ${tokenFile} holds no token (one line of printable characters)`);
    }
    return token;
  }

  /** Empty where the file has vanished since the request was sent: then nothing is known that could be taken out. */
  async #secrets(): Promise<readonly string[]> {
    return this.#token().then(
      (token) => [token],
      () => [],
    );
  }
}

/** The response with its body read to the end, so that a break in the middle is a failure here and not half an answer. */
async function whole(response: Response, maxBytes: number): Promise<Response> {
  if (response.body === null) {
    return response;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new GiteaFailure(
        `an answer of Gitea was longer than ${maxBytes} bytes and was not read: the repository holds issues of a size that is not for us`,
        {
          code: 'too_long',
          status: response.status,
          permanent: true,
          effect: 'unknown',
        },
      );
    }
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  return new Response(Buffer.concat(chunks), { status, statusText, headers });
}

const NO_TOKEN = { code: 'no_token', permanent: true, effect: 'none' } as const;

function noToken(problem: string): GiteaFailure {
  return new GiteaFailure(`${problem}: write a Gitea token with the scope write:issue to it`, NO_TOKEN);
}

/** gitea-js puts the parsed error body on the response it throws. */
function serverMessage(response: Response): string {
  const error: unknown = 'error' in response ? response.error : null;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : '';
}

function totalCount(headers: Headers): number | null {
  const text = headers.get('x-total-count') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : messageOf(thrown);
}
