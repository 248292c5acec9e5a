// Says what went wrong and what to type next.

import type { OperationalError } from '../../lib/operational-error.ts';
import { printable } from '../../core/react/untrusted-text.ts';

const NEXT: Readonly<Record<string, string>> = {
  daemon_unreachable: 'start one with: adf start (and see: adf doctor)',
  daemon_ended: 'start one with: adf start (and see: adf doctor)',
  daemon_silent: 'see what it does: adf doctor',
  reply_lost: 'see whether it is there: adf status',
  bad_reply: 'see which socket is meant: adf status --socket PATH',
  'agent.unknown': 'all agents: adf agents',
  'agent.ambiguous': 'all agents: adf agents',
  'run.unknown': 'all runs: adf runs',
  'run.ambiguous': 'all runs: adf runs',
  'project.unknown': 'all projects: adf status',
  usage: 'adf --help lists all commands',
  config_missing: 'write one for this repository: adf init',
};

/** The lines for stderr; one line of JSON with `json`. */
export function errorLines(error: OperationalError, how: { readonly json: boolean }): readonly string[] {
  if (how.json) {
    return [JSON.stringify({ error: { code: error.code, message: error.message } })];
  }
  // Some messages name the command themselves.
  const next = error.message.includes('adf ') ? undefined : NEXT[error.code];
  return [`adf: ${printable(error.message)}`, ...(next === undefined ? [] : [`  ${next}`])];
}
