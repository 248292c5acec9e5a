// A fetch that speaks HTTP over a Unix socket, and tells a daemon that is not there from a reply that was lost.

import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { OperationalError } from '../../lib/operational-error.ts';
import { NDJSON } from '../contract.ts';

/** A daemon that says nothing for so long is not answering; a stream may be silent for ever. */
const SILENCE_MS = 30_000;

/** A host name that means nothing: the socket decides who is asked, but a Host that is no name is refused with 400. */
export const SOCKET_ORIGIN = 'http://adf';

/**
 * Fails with OperationalError: `daemon_unreachable` (nothing was sent), `reply_lost` (the request may have been carried
 * out: ask again with the same key), `daemon_silent` (the same, after 30 s), `interrupted` (`ending` or the request's own
 * signal aborted).
 */
export function socketFetch(
  socketPath: string,
  ending: AbortSignal,
): (url: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return (url, init = {}) =>
    new Promise((resolve, reject) => {
      const { pathname, search } = new URL(url instanceof Request ? url.url : url);
      let connected = false;
      const request = httpRequest({
        socketPath,
        path: `${pathname}${search}`,
        method: init.method ?? 'GET',
        headers: { ...Object.fromEntries(new Headers(init.headers)), host: 'adf' },
        agent: false,
        signal: init.signal ? AbortSignal.any([init.signal, ending]) : ending,
      });
      request.once('socket', (socket) => socket.once('connect', () => (connected = true)));
      request.setTimeout(SILENCE_MS, () =>
        request.destroy(
          new OperationalError('daemon_silent', `the daemon at ${socketPath} says nothing for ${SILENCE_MS / 1000} s`),
        ),
      );
      request.once('error', (error: NodeJS.ErrnoException) => {
        const stopped = ending.aborted || init.signal?.aborted === true;
        reject(
          stopped
            ? new OperationalError('interrupted', 'interrupted before the daemon answered', error)
            : explain(error, connected, socketPath),
        );
      });
      request.once('response', (incoming) => {
        if (incoming.headers['content-type'] === NDJSON) {
          request.setTimeout(0);
        }
        resolve(toResponse(incoming));
      });
      request.end(init.body);
    });
}

function explain(error: NodeJS.ErrnoException, connected: boolean, socketPath: string): OperationalError {
  if (error instanceof OperationalError) {
    return error;
  }
  if (connected) {
    return new OperationalError('reply_lost', `the daemon at ${socketPath} went away before it answered`, error);
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
  return error.code === 'EACCES'
    ? `the socket ${socketPath} belongs to another user: ask as that user`
    : `no daemon answers at the socket ${socketPath}: ${error.message}`;
}

function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''));
  }
  const status = incoming.statusCode ?? 500;
  return new Response(Readable.toWeb(incoming) as ReadableStream, { status, headers });
}
