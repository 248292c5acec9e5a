// A Gitea of our own for tests: stateful, held against Gitea's description, answering as a real one was recorded to.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { violations } from './description.ts';
import { notFound, refusal, Refusal, type Exchange, type Reply } from './exchange.ts';
import { Faults, type FaultKind } from './faults.ts';
import { index } from './issues.ts';
import { issuePage } from './page.ts';
import { routeOf, type Route } from './routes.ts';
import type { View } from './shapes.ts';
import { fullName, mayRead, World, type Repository, type Token, type User } from './world.ts';

/** How a double differs from a plain new server. */
export interface DoubleOptions {
  /** Epoch ms; the wall clock if left out. */
  readonly now?: () => number;
  readonly port?: number;
  /** Name that answers put before every path, instead of the request's Host header. */
  readonly origin?: string;
}

/** One request as the double saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Without `/api/v1`, with its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The running double. `await using` it, or close it. */
export class GiteaDouble {
  readonly world: World;
  readonly faults = new Faults();
  /** Every request so far. */
  readonly seen: SeenRequest[] = [];
  /** Where requests departed from Gitea's description. */
  readonly violations: string[] = [];
  /** The longest page given; a server may be set to less than 50. */
  pageCap = 50;
  /** The search index learns nothing more. */
  searchIsStale = false;
  readonly #server: Server;
  readonly #origin: string | null;

  private constructor(options: DoubleOptions) {
    this.world = new World(options.now ?? Date.now);
    this.#origin = options.origin ?? null;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        response.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
      });
    });
  }

  /** Listens on loopback. */
  static async start(options: DoubleOptions = {}): Promise<GiteaDouble> {
    const double = new GiteaDouble(options);
    const listening = Promise.withResolvers<void>();
    double.#server.once('error', listening.reject).listen(options.port ?? 0, '127.0.0.1', listening.resolve);
    await listening.promise;
    return double;
  }

  /** `http://127.0.0.1:41234`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const method = request.method ?? 'GET';
    const url = request.url ?? '/';
    if (!url.startsWith('/api/')) {
      send(response, method === 'GET' ? issuePage(this.world, url) : { status: 405 });
      return;
    }
    const path = url.replace(/^\/api\/v1(?=\/|\?|$)/, '');
    this.seen.push({ method, path, headers: request.headers, body });
    const fault = this.faults.take(method, path);
    if (await this.#strikeBefore(fault, response)) {
      return;
    }
    const reply = this.#answer(request, path, body);
    this.#strikeAfter(fault, reply, response);
  }

  /** True: the request goes no further. */
  async #strikeBefore(fault: FaultKind | null, response: ServerResponse): Promise<boolean> {
    if (fault?.kind === 'answer') {
      const headers = { 'content-type': 'application/json', ...fault.headers };
      send(response, { status: fault.status, headers, body: fault.body ?? '' });
    } else if (fault?.kind === 'cut') {
      response.destroy();
    } else if (fault?.kind === 'hold') {
      await fault.gate.pass();
    } else if (fault?.kind === 'latency') {
      const waited = Promise.withResolvers<void>();
      setTimeout(waited.resolve, fault.ms);
      await waited.promise;
    }
    return fault?.kind === 'answer' || fault?.kind === 'cut';
  }

  #strikeAfter(fault: FaultKind | null, reply: Reply, response: ServerResponse): void {
    if (fault?.kind === 'lost_answer') {
      response.destroy();
    } else if (fault?.kind === 'half_answer') {
      const text = JSON.stringify(reply.body ?? '');
      response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
    } else if (fault?.kind === 'page') {
      send(response, { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>please sign in</html>' });
    } else {
      this.#learn(reply, response);
      send(response, reply);
    }
  }

  /** Only a create that somebody waited for reaches the search index (measured). */
  #learn(reply: Reply, response: ServerResponse): void {
    const { body } = reply;
    const created =
      reply.status === 201 && typeof body === 'object' && body !== null && 'number' in body && 'id' in body;
    if (created && !this.searchIsStale && !response.destroyed) {
      const issue = this.world.repositories.flatMap((one) => one.issues).find((one) => one.id === body.id);
      if (issue !== undefined) {
        index(issue, this.world.comments(issue));
      }
    }
  }

  #answer(request: IncomingMessage, path: string, body: string): Reply {
    const method = request.method ?? 'GET';
    const [pathname = '', search = ''] = path.split('?');
    const found = routeOf(pathname);
    if (found === null) {
      return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '404 page not found\n' };
    }
    const operation = found.route.methods[method];
    if (operation === undefined) {
      return { status: 405, headers: { allow: Object.keys(found.route.methods).join(', ') } };
    }
    const query = new URLSearchParams(search);
    const contentType = request.headers['content-type'] ?? null;
    this.violations.push(...violations({ method, template: found.route.template, query, contentType, body }));
    const origin = this.#origin ?? `http://${request.headers.host}`;
    const anyone: View = { world: this.world, origin, viewer: null };
    try {
      const user = this.#authenticate(anyone, request.headers.authorization, { route: found.route, method });
      const view = { ...anyone, viewer: user };
      const repository = this.#repository(view, found, path);
      return operation({
        world: this.world,
        view,
        method,
        query,
        path,
        contentType,
        body,
        params: found.params,
        user,
        repository,
        pageCap: this.pageCap,
      } satisfies Exchange);
    } catch (thrown) {
      if (thrown instanceof Refusal) {
        return thrown.reply;
      }
      throw thrown;
    }
  }

  #authenticate(view: View, header: string | undefined, ask: { route: Route; method: string }): User | null {
    if (header === undefined) {
      if (ask.method !== 'GET') {
        throw refusal(view, 401, 'token is required');
      }
      return null;
    }
    const value = /^(?:token|bearer) (\S+)$/i.exec(header)?.[1];
    const token = this.world.tokens.find((one) => one.value === value);
    if (token === undefined) {
      throw refusal(view, 401, 'invalid username, password or token');
    }
    if (!token.user.mayLogIn) {
      const message = 'This account is prohibited from signing in, please contact your site administrator.';
      throw new Refusal({ status: 403, body: { message } });
    }
    demandScopes(view, token, ask);
    return token.user;
  }

  #repository(view: View, found: { route: Route; params: readonly string[] }, path: string): Repository {
    const [owner = '', name = ''] = found.params;
    if (!found.route.template.startsWith('/repos/')) {
      return NO_REPOSITORY;
    }
    const repository = this.world.repository(owner, name);
    if (repository !== null && mayRead(repository, view.viewer)) {
      return repository;
    }
    const moved = this.world.moved.get(`${owner}/${name}`.toLowerCase());
    if (repository === null && moved !== undefined) {
      const location = `/api/v1${path.replace(`/repos/${owner}/${name}`, `/repos/${fullName(moved)}`)}`;
      throw new Refusal({ status: 301, headers: { location } });
    }
    throw notFound(view);
  }
}

/** Stands in where a path names no repository; nothing reads it. */
const NO_REPOSITORY = new World(() => 0).addRepository({ id: 0, login: '', createdAt: 0, mayLogIn: false }, '');

function demandScopes(view: View, token: Token, ask: { route: Route; method: string }): void {
  const level = ask.method === 'GET' ? 'read' : 'write';
  for (const scope of ask.route.scopes) {
    if (!token.scopes.some((one) => one === `write:${scope}` || one === `${level}:${scope}`)) {
      const message = `token does not have at least one of required scope(s), required=[${level}:${scope}], token scope=${token.scopes.join(',')}`;
      throw refusal(view, 403, message);
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, reply: Reply): void {
  const isText = typeof reply.body === 'string';
  const type =
    reply.body === undefined
      ? {}
      : { 'content-type': isText ? 'text/html; charset=utf-8' : 'application/json;charset=utf-8' };
  response.writeHead(reply.status, { ...type, ...reply.headers });
  response.end(isText ? reply.body : reply.body === undefined ? undefined : `${JSON.stringify(reply.body)}\n`);
}
