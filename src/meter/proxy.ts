// Passes requests of an agent CLI on to its model and the answers back, unaltered, and writes down what they cost.
//
//   request ── begun ──► upstream ── answer, piece by piece: counted, then passed back ──► ended
//
// It holds nothing back and nothing up: a piece is passed on when the other side takes it, a break on either side is a break
// on the other, and where nobody listens upstream the CLI finds nobody, so that it does what it always does.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METER_ADDRESS } from '../core/metering/order.ts';
import { REACHED_NOBODY } from '../core/metering/meter-line.ts';
import type { RequestLog } from './request-log.ts';
import { AnswerTap } from './answer-tap.ts';

/** Connections of one agent at once; its CLI has a handful. */
const MAX_CONNECTIONS = 256;
/** Meant for one connection, not for the message. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'trailer',
]);
/** Requests that a model answers with tokens; anything else passes uncounted. */
const ASKS_A_MODEL = /\/messages$|\/responses(\/compact)?$|\/completions$|:(stream)?generateContent$/i;

/** Where a proxy is between. */
export interface ProxyPlace {
  /** Base URLs, the nth below `METER_ADDRESS/n`. */
  readonly upstreams: readonly string[];
  /** Says whether the network is to be left by a proxy of its own (HTTPS_PROXY and the like). */
  readonly env?: Readonly<Record<string, string>>;
  /** Called when a connection was closed, as all are when their program ends. */
  readonly closed?: () => void;
}

/** The proxy of one attempt. */
export class Proxy {
  readonly #upstreams: readonly URL[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #log: Pick<RequestLog, 'write'>;
  readonly #server: Server;
  /** Part of its address: other programs on this machine cannot spend in this agent's name. */
  readonly #key = randomBytes(9).toString('base64url');
  readonly #open = new Map<number, number | null>();
  #requests = 0;

  constructor({ upstreams, env = {}, closed = () => undefined }: ProxyPlace, log: Pick<RequestLog, 'write'>) {
    this.#upstreams = upstreams.map((url) => new URL(url));
    this.#env = env;
    this.#log = log;
    // No time-outs of ours: how long a model may think, and a connection rest, is between the two sides.
    this.#server = http.createServer(
      { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
      (request, response) => {
        this.#take(request, response);
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket) => socket.once('close', closed));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** `text` with the address of this proxy in the places of the meter's. */
  addressed(text: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return text.replaceAll(METER_ADDRESS, `http://127.0.0.1:${port}/${this.#key}`);
  }

  /** Nobody is left to answer: what is under way is broken off, and said. */
  close(): void {
    for (const [n, status] of this.#open) {
      this.#log.write({ k: 'ended', n, status, whole: false });
    }
    this.#open.clear();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const [, key, index = '', path = '/'] = /^\/([^/]+)\/(\d+)(\/[^]*)?$/.exec(request.url ?? '') ?? [];
    const upstream = key === this.#key ? this.#upstreams[Number(index)] : undefined;
    if (upstream === undefined) {
      response.writeHead(404).end();
      return;
    }
    const asks = request.method === 'POST' && ASKS_A_MODEL.test(path.split('?')[0] ?? '');
    const n = asks ? this.#begin() : null;
    const outgoing = this.#send(upstream, path, request);
    let sent = false;
    outgoing.once('socket', (socket) => socket.once('connect', () => (sent = true)));
    outgoing.once('response', (incoming) => {
      this.#answer(incoming, response, n);
    });
    outgoing.once('error', () => {
      this.#end(n, sent ? null : REACHED_NOBODY, false);
      response.destroy();
    });
    // Whoever went away was told nothing; its end is told by `close`.
    response.on('error', () => undefined);
    response.once('close', () => {
      if (!response.writableFinished) {
        this.#end(n, this.#open.get(n ?? 0) ?? null, false);
        outgoing.destroy();
      }
    });
    request.pipe(outgoing);
  }

  #send(upstream: URL, path: string, request: IncomingMessage): ClientRequest {
    const isSecure = upstream.protocol === 'https:';
    const options = {
      protocol: upstream.protocol,
      hostname: upstream.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: upstream.port === '' ? (isSecure ? 443 : 80) : Number(upstream.port),
      path: `${upstream.pathname.replace(/\/$/, '')}${path}${upstream.search}`,
      method: request.method ?? 'GET',
      // Compressed figures would have to be unpacked to be read.
      headers: { ...headersOf(request), 'accept-encoding': 'identity' },
      ...(upstream.username === '' ? {} : { auth: `${decode(upstream.username)}:${decode(upstream.password)}` }),
      // A connection of its own: one that rests may be closed as it is used, and what was sent cannot be sent again.
      agent: isSecure ? new https.Agent({ proxyEnv: this.#env }) : new http.Agent({ proxyEnv: this.#env }),
    };
    return isSecure ? https.request(options) : http.request(options);
  }

  #answer(incoming: IncomingMessage, response: ServerResponse, n: number | null): void {
    const status = incoming.statusCode ?? 502;
    if (n !== null) {
      this.#open.set(n, status);
    }
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = incoming.headers;
    const tap =
      n !== null && status < 300 && encoding === 'identity'
        ? new AnswerTap(type, (usage) => {
            this.#log.write({ k: 'counted', n, ...usage });
          })
        : null;
    response.writeHead(status, incoming.statusMessage ?? '', headersOf(incoming));
    response.flushHeaders();
    incoming.on('data', (chunk: Buffer) => {
      // Counted first: a program that has seen the last word may end the next moment, and everything with it.
      tap?.push(chunk);
      if (!response.write(chunk)) {
        incoming.pause();
        response.once('drain', () => incoming.resume());
      }
    });
    incoming.once('end', () => {
      if (incoming.complete) {
        tap?.end();
        this.#end(n, status, true);
        response.end();
      }
    });
    incoming.once('error', () => {
      this.#end(n, status, false);
      // What came before the break is still passed on, and no end after it.
      response.socket?.destroySoon();
    });
  }

  #begin(): number {
    this.#requests += 1;
    this.#open.set(this.#requests, null);
    this.#log.write({ k: 'begun', n: this.#requests, at: Date.now() });
    return this.#requests;
  }

  #end(n: number | null, status: number | null, whole: boolean): void {
    if (n !== null && this.#open.delete(n)) {
      this.#log.write({ k: 'ended', n, status, whole });
    }
  }
}

/** The headers of `message` as they came, in their own case, but for those of the connection. */
function headersOf({ rawHeaders }: IncomingMessage): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) {
      (headers[name] ??= []).push(value);
    }
  }
  return headers;
}

function decode(text: string): string {
  return decodeURIComponent(text);
}
