// Reads an answer of the control socket: a view, or the error that it carries.

import type { ClientResponse } from 'hono/client';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';

/** The view of an answer; throws OperationalError with the code of the daemon's error. */
export async function readAnswer<View>(pending: Promise<ClientResponse<View, 200, 'json'>>): Promise<View> {
  const response = await pending;
  const text = await bodyOf(response);
  const value = parse(text);
  if (response.ok) {
    return value as View;
  }
  throw errorOf(value, response.status);
}

/** The error of an answer that is not ok. */
export async function readError(response: Response): Promise<OperationalError> {
  return errorOf(parse(await bodyOf(response)), response.status);
}

async function bodyOf(response: { text(): Promise<string> }): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new OperationalError('reply_lost', `the daemon went away within its answer: ${messageOf(cause)}`, cause);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OperationalError('bad_reply', 'what answers at this socket is no dark-factory', cause);
  }
}

function errorOf(value: unknown, status: number): OperationalError {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    return new OperationalError(String(error.code), String(error.message));
  }
  return new OperationalError('bad_reply', `the daemon answered ${status} without saying why`);
}
