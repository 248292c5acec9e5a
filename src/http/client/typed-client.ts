// Turns hono's types of the app into calls over an exchange. The types are those of `hc`; its code would load undici first.

import type { ClientResponse, hc } from 'hono/client';
import { OperationalError } from '../../lib/operational-error.ts';
import type { App } from '../app.ts';
import type { Exchange, Question, Reply } from './exchange.ts';

/** The routes of `App` as a tree of calls: `http.runs[':run'].$get({ param: { run } })`. */
export type TypedClient = Calls<ReturnType<typeof hc<App>>>;

type Calls<Tree> = {
  readonly [Key in keyof Tree as Key extends '$url' | '$path' | '$ws' ? never : Key]: Tree[Key] extends (
    input: infer Input,
    ...rest: never[]
  ) => Promise<ClientResponse<infer View, infer _Status, infer _Format>>
    ? (
        ...input: undefined extends Input ? [input?: Input, signal?: AbortSignal] : [input: Input, signal?: AbortSignal]
      ) => Promise<Reply<View>>
    : Calls<Tree[Key]>;
};

/** What a call may carry; the types above say which. */
interface Input {
  readonly param?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
}

/** Calls that are asked over `exchange`. */
export function typedClient(exchange: Exchange): TypedClient {
  return callsBelow([], exchange) as TypedClient;
}

function callsBelow(path: readonly string[], exchange: Exchange): unknown {
  return new Proxy(() => undefined, {
    get: (_target, key) => (typeof key === 'string' ? callsBelow([...path, key], exchange) : undefined),
    apply: (_target, _this, [input, signal]: [Input?, AbortSignal?]) =>
      exchange(toQuestion(path, input ?? {}, signal ?? null)),
  });
}

function toQuestion(path: readonly string[], input: Input, signal: AbortSignal | null): Question {
  const segments = path.slice(0, -1).filter((segment) => segment !== 'index');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) {
      query.set(name, value);
    }
  }
  const filled = segments.map((segment) =>
    segment.startsWith(':') ? asSegment(input.param?.[segment.slice(1)] ?? '') : segment,
  );
  return {
    method: (path.at(-1) ?? '').slice(1).toUpperCase(),
    path: `/${filled.join('/')}${query.size === 0 ? '' : `?${query.toString()}`}`,
    body: input.json === undefined ? null : JSON.stringify(input.json),
    signal,
  };
}

/** `name` as one segment of a path; an empty one or dots would name another route. */
function asSegment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new OperationalError('invalid_name', `"${name}" is no name`);
  }
  return encodeURIComponent(name);
}
