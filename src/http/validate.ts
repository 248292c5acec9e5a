// Checks the body or the query of a request against its schema before a route sees it.

import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import { RefusedRequest } from './answer.ts';

type Checked<Target extends string, Schema extends z.ZodType> = MiddlewareHandler<
  object,
  string,
  { in: Record<Target, z.input<Schema>>; out: Record<Target, z.output<Schema>> }
>;

/** Middleware for a JSON body; `c.req.valid('json')` is then the parsed value. */
export function body<Schema extends z.ZodType<object>>(schema: Schema): Checked<'json', Schema> {
  return async (c, next) => {
    const text = await c.req.text();
    c.req.addValidatedData('json', parse(schema, parseJson(text)));
    await next();
  };
}

/** Middleware for the query; `c.req.valid('query')` is then the parsed value. */
export function query<Schema extends z.ZodType<object>>(schema: Schema): Checked<'query', Schema> {
  return async (c, next) => {
    c.req.addValidatedData('query', parse(schema, c.req.query()));
    await next();
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequest('invalid_request', 'the body is no JSON');
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`);
    throw new RefusedRequest('invalid_request', problems.join('; '));
  }
  return result.data;
}
