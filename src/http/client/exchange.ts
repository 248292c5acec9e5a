// Speaks HTTP over a Unix socket, and tells a daemon that is not there from a reply that was lost.

import type { ClientRequest, IncomingMessage } from 'node:http';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import { NDJSON } from '../contract.ts';

/** A daemon that says nothing for so long is not answering; a stream may be silent for ever. */
const SILENCE_MS = 30_000;

/** Longest answer that is read whole. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** One question. */
export interface Question {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string | null;
  /** Ends this question alone. */
  readonly signal: AbortSignal | null;
}

/** The head of an answer, and its body as it comes. `View` is what the contract says of it. */
export interface Reply<View = unknown> {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** Says only which type the body has. */
  readonly view?: View;
}

/** Asks a question; see `socketExchange`. */
export type Exchange = (question: Question) => Promise<Reply>;

/**
 * Asks the daemon behind `socketPath`. Fails with OperationalError: `daemon_unreachable` and `daemon_denied` (nothing was sent; the
 * socket is not ours to use), `reply_lost` (the request may have been carried out: ask again with the same key),
 * `daemon_silent` (the same, after 30 s), `interrupted` (`ending`, or the question's own signal, aborted).
 */
export function socketExchange(socketPath: string, ending: AbortSignal): Exchange {
  // An ESM import of node:http touches its lazy getters and with them loads all of undici: 150 ms for each call of adf.
  const { request } = process.getBuiltinModule('node:http');
  return ({ method, path, body, signal }) =>
    new Promise((resolve, reject) => {
      let connected = false;
      const stop = signal === null ? ending : AbortSignal.any([signal, ending]);
      const asked = request({
        socketPath,
        path,
        method,
        // The socket decides who is asked, but a Host that is no host name is refused.
        headers: { host: 'adf', ...(body === null ? {} : { 'content-type': 'application/json' }) },
        agent: false,
        signal: stop,
      });
      asked.once('socket', (socket) => socket.once('connect', () => (connected = true)));
      asked.once('error', (error: NodeJS.ErrnoException) => {
        reject(stop.aborted ? interruption(error) : explain(error, connected, socketPath));
      });
      asked.once('response', (incoming) => {
        if (incoming.headers['content-type'] === NDJSON) {
          asked.setTimeout(0);
        }
        resolve({ status: incoming.statusCode ?? 500, body: bodyOf(incoming, stop) });
      });
      limitSilence(asked, socketPath);
      asked.end(body ?? undefined);
    });
}

/** The whole body as text. */
export async function textOf(reply: Reply): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of reply.body) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) {
      throw new OperationalError('bad_reply', `the daemon's answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function* bodyOf(incoming: IncomingMessage, stop: AbortSignal): AsyncGenerator<Uint8Array, void> {
  try {
    yield* incoming as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw stop.aborted
      ? interruption(error)
      : new OperationalError('reply_lost', `the daemon went away within its answer: ${messageOf(error)}`, error);
  }
}

function limitSilence(asked: ClientRequest, socketPath: string): void {
  asked.setTimeout(SILENCE_MS, () => {
    const message = `the daemon at ${socketPath} says nothing for ${SILENCE_MS / 1000} s`;
    asked.destroy(new OperationalError('daemon_silent', message));
  });
}

function interruption(cause: unknown): OperationalError {
  return new OperationalError('interrupted', 'interrupted before the daemon answered', cause);
}

function explain(error: NodeJS.ErrnoException, connected: boolean, socketPath: string): OperationalError {
  if (error instanceof OperationalError) {
    return error;
  }
  if (connected) {
    return new OperationalError('reply_lost', `the daemon at ${socketPath} went away before it answered`, error);
  }
  if (error.code === 'EACCES') {
    const message = `the socket ${socketPath} is closed to you: ask as its owner, or as somebody of its group`;
    return new OperationalError('daemon_denied', message, error);
  }
  return new OperationalError('daemon_unreachable', unreachableMessage(error, socketPath), error);
}

function unreachableMessage(error: NodeJS.ErrnoException, socketPath: string): string {
  if (error.code === 'ENOENT') {
    return `no daemon runs here: there is no socket ${socketPath}`;
  }
  if (error.code === 'ECONNREFUSED') {
    return `no daemon runs here: nobody listens at the socket ${socketPath}`;
  }
  return `no daemon answers at the socket ${socketPath}: ${error.message}`;
}
