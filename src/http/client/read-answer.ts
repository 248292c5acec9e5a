// Reads an answer of the control socket: a view, or the error that it carries.

import { OperationalError } from '../../lib/operational-error.ts';
import { textOf } from './exchange.ts';
import type { Reply } from './exchange.ts';

/** The view of an answer; throws OperationalError with the code of the daemon's error. */
export async function readAnswer<View>(pending: Promise<Reply<View>>): Promise<View> {
  const reply = await pending;
  if (reply.status !== 200) {
    throw await readError(reply);
  }
  return parse(await textOf(reply)) as View;
}

/** The error of an answer that is not 200. */
export async function readError(reply: Reply): Promise<OperationalError> {
  const value = parse(await textOf(reply));
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    return new OperationalError(String(error.code), String(error.message));
  }
  return new OperationalError('bad_reply', `the daemon answered ${reply.status} without saying why`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OperationalError('bad_reply', 'what answers at this socket is no dark-factory', cause);
  }
}
