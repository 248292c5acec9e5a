// The words for where a run is, how it ended, why it waits, and what to type next.

import type { Reason } from '../../core/admission/reasons.ts';
import { QUIET_MS } from '../../core/supervise/liveness.ts';
import { NO_TIMEOUT_MS } from '../../core/fleet.ts';
import type { Outcome } from '../../core/run/outcome.ts';
import type { ExitStatus } from '../../core/run/run.ts';
import type { ActivityView, RunView } from '../../http/contract.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Cell } from './table.ts';
import type { Tone } from './style.ts';
import type { Times } from './times.ts';

/** How a run ended, or where it is, in one or two words: `failed (agent_failure)`. */
export function runWord(run: Pick<RunView, 'state' | 'outcome'>): Cell {
  if (run.outcome === null) {
    return { text: run.state, tone: run.state === 'waiting' ? 'care' : 'plain' };
  }
  const { kind, class: detail } = run.outcome;
  return { text: outcomeWord(kind, detail), tone: outcomeTone(kind) };
}

/** An outcome's kind and what makes it special: `timed out (wall)`. */
export function outcomeWord(kind: Outcome['kind'], detail?: string): string {
  const word = kind === 'timed_out' ? 'timed out' : kind;
  return detail === undefined ? word : `${word} (${detail})`;
}

/** Good, bad, or only worth a look. */
export function outcomeTone(kind: Outcome['kind']): Tone {
  if (kind === 'succeeded') {
    return 'good';
  }
  return kind === 'canceled' || kind === 'refused' ? 'care' : 'bad';
}

/** A gate's objection with its code, the numbers in its text, and when it began or may end. */
export function reasonText(reason: Reason, times: Times): string {
  return `${reason.code}: ${objection(reason, times)}`;
}

/** The same without the code. */
export function objection(reason: Reason, times: Times): string {
  const since = reason.numbers['since'];
  const from = since === undefined ? '' : `, since ${times.time(since)}`;
  const again = reason.retryAt === undefined ? '' : `; asked again at ${times.time(reason.retryAt)}`;
  return `${reason.text}${from}${again}`;
}

/** Several objections in one line. */
export function reasonsText(reasons: readonly Reason[], times: Times): string {
  return reasons.map((reason) => reasonText(reason, times)).join(' · ');
}

/** Why a run waits or did not succeed; empty where there is nothing to say. */
export function runReason(run: RunView, times: Times): string {
  if (run.reasons !== undefined && run.reasons.length > 0) {
    return reasonsText(run.reasons, times);
  }
  return run.outcome?.reason ?? '';
}

/** The command that shows more of a run which is not plainly well; null when it is. */
export function runCommand(run: RunView): string | null {
  if (run.outcome === null) {
    return run.state === 'waiting' ? `adf why ${run.agent}` : null;
  }
  if (run.outcome.kind === 'succeeded') {
    return null;
  }
  return run.outcome.kind === 'refused' ? `adf why ${run.agent}` : `adf show ${run.id}`;
}

/** `reason  → command`, each where there is one. */
export function withCommand(text: string, command: string | null): string {
  return [text, command === null ? '' : `→ ${command}`].filter((part) => part !== '').join(' ');
}

/** What the operating system said: `exit 1`, `signal SIGKILL`, `exit unknown`. */
export function exitWord(exit: ExitStatus): string {
  if (exit.signal !== null) {
    return `signal ${exit.signal}`;
  }
  return exit.code === null ? 'exit unknown' : `exit ${exit.code}`;
}

/** How long a run has taken, or takes; empty before it starts. */
export function tookText(run: Pick<RunView, 'startedAt' | 'endedAt'>, now: number): string {
  return run.startedAt === null ? '' : formatDuration(Math.max(0, (run.endedAt ?? now) - run.startedAt));
}

/** A limit of wall clock, with `unit` behind it; a Safety agent has none. */
export function wallText(wallMs: number, unit = ''): string {
  return wallMs >= NO_TIMEOUT_MS ? 'no time limit' : `${formatDuration(wallMs)}${unit}`;
}

/** What a live attempt does, and how long it has been silent where that says something. */
export function activityText({ state, silentMs }: ActivityView): string {
  const silent = `silent for ${formatDuration(Math.floor(silentMs / 1000) * 1000)}`;
  switch (state) {
    case 'working':
      return silentMs < QUIET_MS ? 'working' : `working, ${silent}`;
    case 'waiting':
      return `waiting for its provider, ${silent}`;
    case 'parked':
      return `parked on its input, ${silent}`;
    case 'idle':
      return `idle, ${silent}`;
    case 'dead':
      return 'dead: no process of it is left, and nobody told its end';
  }
}
