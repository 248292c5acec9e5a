// One request as the double's handlers see it, and the answers they can give.

import type { View } from './shapes.ts';
import type { Repository, User, World } from './world.ts';

/** A request that is signed in, routed, and whose repository was found. */
export interface Exchange {
  readonly world: World;
  readonly view: View;
  readonly method: string;
  readonly query: URLSearchParams;
  /** Path without `/api/v1`, and with its query as it was sent. */
  readonly path: string;
  readonly contentType: string | null;
  readonly body: string;
  /** The variable parts of the path, in order. */
  readonly params: readonly string[];
  readonly user: User | null;
  readonly repository: Repository;
  /** The longest page that this server gives. */
  readonly pageCap: number;
}

/** An answer. `body` undefined: none at all; a string: as it is; anything else: JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Ends a handler with an error answer. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`HTTP ${reply.status}`);
    this.reply = reply;
  }
}

/** An error as Gitea words it. */
export function refusal(view: View, status: number, message: string): Refusal {
  return new Refusal({ status, body: { message, url: `${view.origin}/api/swagger` } });
}

/** `not found`, which also means: not for you. */
export function notFound(view: View): Refusal {
  return refusal(view, 404, 'not found');
}

/** The person signed in. */
export function signedIn(exchange: Exchange): User {
  if (exchange.user === null) {
    throw refusal(exchange.view, 401, 'token is required');
  }
  return exchange.user;
}

type FieldType = 'string' | 'bool' | 'int64' | '[]string' | '[]int64' | '[]interface {}';

/**
 * The JSON object of a request, read as Go reads it into a struct: unknown properties and nulls are left out, a wrong
 * type is 422, and so is a body that is no JSON, or JSON under another name.
 */
export function decode(
  exchange: Exchange,
  struct: string,
  fields: Readonly<Record<string, FieldType>>,
): Record<string, unknown> {
  const fail = (problem: string): Refusal => refusal(exchange.view, 422, `[]: ${problem}`);
  if (exchange.body.trim() === '') {
    return {};
  }
  if (exchange.contentType === null) {
    throw fail('Empty Content-Type');
  }
  if (!exchange.contentType.startsWith('application/json')) {
    throw fail('Unsupported Content-Type');
  }
  let value: unknown;
  try {
    value = JSON.parse(exchange.body);
  } catch {
    throw fail('unexpected EOF');
  }
  if (value === null) {
    return {};
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw fail(`json: cannot unmarshal ${jsonType(value)} into Go value of type structs.${struct}`);
  }
  const known: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const type = fields[name];
    if (type !== undefined && field !== null) {
      const wrong = mismatch(field, type);
      if (wrong !== null) {
        throw fail(
          `json: cannot unmarshal ${wrong.got} into Go struct field ${struct}.${name} of type ${wrong.wanted}`,
        );
      }
      known[name] = field;
    }
  }
  return known;
}

/** A property that must be there and not be empty. */
export function required(exchange: Exchange, value: unknown, label: string): string {
  if (typeof value !== 'string' || value === '') {
    throw refusal(exchange.view, 422, `[${label}]: Required`);
  }
  return value;
}

function mismatch(value: unknown, type: FieldType): { got: string; wanted: string } | null {
  if (type.startsWith('[]')) {
    if (!Array.isArray(value)) {
      return { got: jsonType(value), wanted: type };
    }
    const item = type.slice(2) as FieldType | 'interface {}';
    for (const one of item === 'interface {}' ? [] : value) {
      const wrong = mismatch(one, item as FieldType);
      if (wrong !== null) {
        return wrong;
      }
    }
    return null;
  }
  const wanted = { string: 'string', bool: 'bool', int64: 'number' }[type as 'string' | 'bool' | 'int64'];
  return jsonType(value) === wanted ? null : { got: jsonType(value), wanted: type };
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** One page of `items` with the headers that Gitea sends; `links` only where it sends `Link`. */
export function pageOf(
  exchange: Exchange,
  items: readonly unknown[],
  links: boolean,
): { readonly items: readonly unknown[]; readonly headers: Record<string, string> } {
  const { limit, page } = pageAsked(exchange);
  const headers: Record<string, string> = { 'x-total-count': String(items.length) };
  const link = linkHeader(exchange, Math.ceil(items.length / limit), page);
  if (links && link !== '') {
    headers['link'] = link;
  }
  return { items: items.slice((page - 1) * limit, page * limit), headers };
}

/** 30 items where nothing sensible was asked for, never more than the cap. */
export function pageAsked(exchange: Exchange): { readonly limit: number; readonly page: number } {
  const asked = Number(exchange.query.get('limit') ?? '');
  const page = Number(exchange.query.get('page') ?? '');
  return {
    limit: Math.min(Number.isInteger(asked) && asked > 0 ? asked : 30, exchange.pageCap),
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** Repeats the limit that was sent, also one above the cap (measured). */
function linkHeader(exchange: Exchange, pages: number, asked: number): string {
  const current = Math.min(asked, Math.max(pages, 1));
  const link = (page: number, rel: string): string => {
    const query = new URLSearchParams(exchange.query);
    query.set('page', String(page));
    query.sort();
    return `<${exchange.view.origin}/api/v1${exchange.path.split('?')[0]}?${query.toString()}>; rel="${rel}"`;
  };
  const next = current < pages ? [link(current + 1, 'next'), link(pages, 'last')] : [];
  const previous = current > 1 ? [link(1, 'first'), link(current - 1, 'prev')] : [];
  return [...next, ...previous].join(',');
}
