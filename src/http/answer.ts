// Turns what Control says into an HTTP answer: views as they are, refusals and failures as JSON with a stable code.

import type { TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { ErrorBody } from './contract.ts';

/** Thrown to refuse a request; `code` decides the status. */
export class RefusedRequest extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'RefusedRequest';
    this.code = code;
  }
}

/** An answer whose body is exactly `View`. Views are JSON already, so hono's own mapping of JSON types is not needed. */
export type Answer<View> = Response & TypedResponse<View, 200, 'json'>;

/** `view` as JSON; throws RefusedRequest where Control refused. */
export function answer<View extends object>(view: View | ControlRefusal): Answer<View> {
  if (isRefusal(view)) {
    throw new RefusedRequest(view.refused.code, view.refused.message);
  }
  return Response.json(view) as Answer<View>;
}

function isRefusal(view: object): view is ControlRefusal {
  return 'refused' in view;
}

/** The answer to a request that threw. An error that nobody expected goes to `onCrash` and is not shown to the client. */
export function errorAnswer(thrown: unknown, onCrash: (thrown: unknown) => void): Response {
  if (thrown instanceof RefusedRequest) {
    return errorResponse(statusOf(thrown.code), thrown.code, thrown.message);
  }
  if (thrown instanceof HTTPException) {
    return errorResponse(thrown.status, 'invalid_request', messageOf(thrown));
  }
  if (thrown instanceof OperationalError) {
    return errorResponse(503, thrown.code, thrown.message);
  }
  onCrash(thrown);
  return errorResponse(500, 'internal', 'the daemon made a mistake and ends; what is recorded is safe');
}

function errorResponse(status: number, code: string, message: string): Response {
  const body: ErrorBody = { error: { code, message } };
  return Response.json(body, { status });
}

function statusOf(code: string): number {
  if (code === 'too_large') {
    return 413;
  }
  if (code.endsWith('.unknown')) {
    return 404;
  }
  return code === 'invalid_request' ? 400 : 409;
}
