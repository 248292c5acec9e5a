// Turns what a CLI's words come to and who stopped the run into the judgement of a verdict.

import type { DriverVerdict, EndInput } from '../ports/agent-driver.ts';
import { classifyText } from './error-text.ts';
import type { Finding, Proof } from './finding.ts';

/** What the words of a CLI come to. */
export interface Conclusion {
  /** What its terminal event says, else what can be said without one. */
  readonly end: Finding | Proof;
  /** What it was waiting for when it was stopped, if its last words say so. */
  readonly waiting: Finding | null;
}

/** The part of a verdict that says how it ended. */
export type Judgement = Pick<DriverVerdict, 'outcome' | 'class' | 'evidence' | 'retryAfterMs' | 'resetAt'>;

/** Signals by which somebody ends a program; any other one is the program's own crash. */
const SENT_BY_SOMEBODY: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/** Stops for which what it waited for is what it failed of. */
const OUT_OF_TIME: ReadonlySet<string> = new Set(['wall', 'stall', 'first_output', 'parked']);

/** The judgement: our own stop comes first, but a stop that the driver asked for, or a limit reached while waiting, keeps its class. */
export function judge(end: EndInput, conclusion: Conclusion): Judgement {
  const { stop } = end;
  if (stop === null || stop.kind === 'finished') {
    return told(conclusion.end);
  }
  if (stop.kind === 'driver') {
    return told(conclusion.waiting ?? { class: 'no_result', evidence: stop.advice });
  }
  const waited = OUT_OF_TIME.has(stop.kind);
  if (waited && conclusion.waiting !== null) {
    return told(conclusion.waiting);
  }
  return {
    outcome: 'stopped',
    class: null,
    evidence: `stopped (${stop.kind}), ${conclusion.end.evidence}`,
    retryAfterMs: null,
    resetAt: null,
  };
}

/** What is left to say when the CLI printed no terminal event: the end of its stderr, the signal, or no proof at all. */
export function withoutProof(end: EndInput, errorText: string | null): Finding {
  const found = errorText === null ? null : classifyText(errorText);
  if (found !== null) {
    return { ...found, evidence: `${exitInWords(end)}, stderr: ${found.evidence}` };
  }
  return { class: isKilled(end) ? 'killed' : 'no_result', evidence: `${exitInWords(end)}, no terminal event` };
}

/** Whether somebody other than us ended it by a signal. */
export function isKilled({ signal }: EndInput): boolean {
  return signal !== null && SENT_BY_SOMEBODY.has(signal);
}

/** `exit 1`, `SIGKILL`, or that nobody knows. */
export function exitInWords({ code, signal }: EndInput): string {
  return code === null ? (signal ?? 'exit status unknown') : `exit ${code}`;
}

function told(finding: Finding | Proof): Judgement {
  return {
    outcome: finding.class === null ? 'succeeded' : 'failed',
    class: finding.class,
    evidence: finding.evidence,
    retryAfterMs: finding.class === null ? null : (finding.retryAfterMs ?? null),
    resetAt: finding.class === null ? null : (finding.resetAt ?? null),
  };
}
