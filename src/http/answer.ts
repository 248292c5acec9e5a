// Turns what Control says into an HTTP answer: views as they are, refusals and failures as JSON with a stable code.

import type { TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { RejectionReason } from '../core/trace/rejection.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { ErrorBody } from './contract.ts';

/** Thrown to refuse a request; `code` decides the status. */
export class RefusedRequest extends Error {
  readonly code: string;
  /** Where a gate or a limit refused. */
  readonly rejection: RejectionReason | undefined;

  constructor(code: string, message: string, rejection?: RejectionReason) {
    super(message);
    this.name = 'RefusedRequest';
    this.code = code;
    this.rejection = rejection;
  }
}

/** An answer whose body is exactly `View`. Views are JSON already, so hono's own mapping of JSON types is not needed. */
export type Answer<View> = Response & TypedResponse<View, 200, 'json'>;

/** `view` as JSON; throws RefusedRequest where Control refused. */
export function answer<View extends object>(view: View | ControlRefusal): Answer<View> {
  if (isRefusal(view)) {
    const { code, message, rejection } = view.refused;
    throw new RefusedRequest(code, message, rejection);
  }
  return Response.json(view) as Answer<View>;
}

function isRefusal(view: object): view is ControlRefusal {
  return 'refused' in view;
}

/** The answer to a request that threw. An error that nobody expected goes to `onCrash` and is not shown to the client. */
export function errorAnswer(thrown: unknown, onCrash: (thrown: unknown) => void): Response {
  if (thrown instanceof RefusedRequest) {
    const { code, message, rejection } = thrown;
    return errorResponse(statusOf(code), { code, message, ...(rejection === undefined ? {} : { rejection }) });
  }
  if (thrown instanceof HTTPException) {
    return errorResponse(thrown.status, { code: 'invalid_request', message: messageOf(thrown) });
  }
  if (thrown instanceof OperationalError) {
    return errorResponse(503, { code: thrown.code, message: thrown.message });
  }
  onCrash(thrown);
  const message = 'the daemon made a mistake and ends; what is recorded is safe';
  return errorResponse(500, { code: 'internal', message });
}

function errorResponse(status: number, error: ErrorBody['error']): Response {
  const body: ErrorBody = { error };
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
