// The exit codes of every command, and which error ends with which.

import { OperationalError } from '../lib/operational-error.ts';

/** Done; waiting counts as done where a request was taken. */
export const DONE = 0;
/** Failed, or refused. */
export const FAILED = 1;
/** The command line or the configuration is wrong; nothing was done. */
export const USAGE = 2;
/** No daemon answers. */
export const UNREACHABLE = 3;
/** What runs is not what agents.toml says. */
export const DRIFT = 4;
/** A person interrupted. */
export const INTERRUPTED = 130;

const NO_ANSWER = new Set([
  'daemon_unreachable',
  'daemon_denied',
  'daemon_ended',
  'daemon_silent',
  'reply_lost',
  'bad_reply',
]);

/** The exit code for an error of this code. */
export function exitCodeOf(error: OperationalError): number {
  if (NO_ANSWER.has(error.code)) {
    return UNREACHABLE;
  }
  if (error.code === 'interrupted') {
    return INTERRUPTED;
  }
  return /^(?:usage$|invalid_|config)/.test(error.code) ? USAGE : FAILED;
}

/** An error of the command line that commander cannot see. */
export function usageError(message: string): OperationalError {
  return new OperationalError('usage', message);
}
