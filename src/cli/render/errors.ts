// Says what went wrong and what to type next.

import { layout } from '../../core/install/layout.ts';
import type { OperationalError } from '../../lib/operational-error.ts';
import { printable } from '../../core/react/untrusted-text.ts';

const NEXT: Readonly<Record<string, string>> = {
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

/** The lines for stderr; one line of JSON with `json`. `socket`: where the daemon was looked for; null: nowhere. */
export function errorLines(
  error: OperationalError,
  how: { readonly json: boolean; readonly socket: string | null },
): readonly string[] {
  if (how.json) {
    return [JSON.stringify({ error: { code: error.code, message: error.message } })];
  }
  // Some messages name the command themselves.
  const next = error.message.includes('adf ') ? undefined : nextOf(error.code, how.socket);
  return [`adf: ${printable(error.message)}`, ...(next === undefined ? [] : [`  ${next}`])];
}

/** The command that lets the daemon behind `socket` answer, which it did not with `code`; null: none is known. */
export function cureOf(code: string, socket: string | null): string | null {
  const { operators, socket: ofService } = layout();
  switch (code) {
    case 'daemon_unreachable':
    case 'daemon_ended':
      return socket === ofService ? 'sudo systemctl start adf' : 'adf start';
    case 'daemon_denied':
      return socket === ofService ? `sudo usermod -aG ${operators} YOU, then log in again` : null;
    default:
      return null;
  }
}

function nextOf(code: string, socket: string | null): string | undefined {
  const cure = cureOf(code, socket);
  if (cure === null) {
    return NEXT[code];
  }
  return code === 'daemon_denied' ? `to belong to it: ${cure}` : `start one with: ${cure} (and see: adf doctor)`;
}
