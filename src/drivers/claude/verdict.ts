// Decides what the end of a Claude Code run means: by its result event and the flags in it, never by the exit code alone.

import type { DriverVerdict, EndInput } from '../../ports/agent-driver.ts';
import { classifyError } from '../error-text.ts';
import type { Finding, Proof } from '../finding.ts';
import { numberAt, objectsAt, textAt, textsAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { judge, withoutProof } from '../judge.ts';
import { resetAtIn } from '../reset-time.ts';
import { orNothing } from '../usage.ts';
import type { ClaudeWords } from './words.ts';

const OWN_LIMITS: ReadonlySet<string> = new Set(['error_max_turns', 'error_max_budget_usd']);

/** The verdict on one run. */
export function claudeVerdict(end: EndInput, words: ClaudeWords): DriverVerdict {
  const concluded = words.result === null ? withoutProof(end, words.errorText) : ofResult(words.result, words, end);
  const judged = judge(end, { end: concluded, waiting: null });
  const share = words.counts.share(end.previousTotal);
  return {
    ...judged,
    sessionId: words.sessionId,
    usage: orNothing(share?.usage ?? words.messages),
    costMicroUsd: share?.costMicroUsd ?? null,
    byModel: share?.byModel ?? [],
    sessionTotal: words.counts.standing(end.previousTotal),
    resumable: isResumable(concluded, words, end),
    denials: words.result === null ? 0 : objectsAt(words.result, 'permission_denials').length,
    actions: words.actions,
    finalText: words.finalText,
    ...billingOf(words.keySource),
  };
}

/** Without a key it is logged in to a plan, if to anything. */
function billingOf(keySource: string | null): Pick<DriverVerdict, 'billing'> {
  return keySource === null ? {} : { billing: keySource === 'none' ? 'subscription' : 'billed' };
}

/** An API failure is printed as subtype success with is_error true: the flag and the status come first. */
function ofResult(result: Json, words: ClaudeWords, end: EndInput): Finding | Proof {
  const subtype = textAt(result, 'subtype') ?? 'none';
  const reason = textAt(result, 'terminal_reason') ?? '';
  if (result['is_error'] === false && subtype === 'success') {
    const silent = (textAt(result, 'result') ?? '').trim() === '' && !words.saidSomething && !words.usedTools;
    return silent
      ? { class: 'empty_success', evidence: 'result: success without text or tool call' }
      : { class: null, evidence: 'result: subtype success, is_error false' };
  }
  if (OWN_LIMITS.has(subtype)) {
    return { class: 'own_limit', evidence: `result: subtype ${subtype}` };
  }
  if (reason === 'prompt_too_long') {
    return { class: 'context', evidence: `result: terminal_reason ${reason}` };
  }
  if (reason.startsWith('aborted')) {
    return { class: 'killed', evidence: `result: terminal_reason ${reason}, interrupted by somebody` };
  }
  return (
    ofError(result, words, end) ?? { class: 'agent_failure', evidence: `result: subtype ${subtype}, is_error true` }
  );
}

function ofError(result: Json, words: ClaudeWords, end: EndInput): Finding | null {
  const names = [textAt(result, 'api_error'), textAt(result, 'api_error_type'), words.messageError];
  const text = [...textsAt(result, 'errors'), textAt(result, 'result') ?? ''].join('\n');
  const found = classifyError({
    status: numberAt(result, 'api_error_status'),
    codes: names.filter((name) => name !== null),
    text,
  });
  if (found === null) {
    return null;
  }
  if (words.rejectedUntil !== null && (found.class === 'rate' || found.class === 'quota')) {
    return { class: 'quota', evidence: 'rate_limit_event: rejected', resetAt: words.rejectedUntil };
  }
  const resetAt = found.class === 'quota' ? resetAtIn(text, end.endedAt, end.utcOffsetMs ?? 0) : null;
  return { ...found, evidence: `result: is_error, ${found.evidence}`, resetAt };
}

/** True where the session was begun and nothing in it is poisoned; null where nobody can know. */
function isResumable(concluded: Finding | Proof, words: ClaudeWords, end: EndInput): boolean | null {
  if (concluded.class === 'context' || end.args?.includes('--no-session-persistence') === true) {
    return false;
  }
  if (concluded.class === 'bad_session') {
    // An id in use, which only stderr says, is a good one.
    return words.result === null && (words.errorText ?? '').includes('is already in use');
  }
  if (words.result === null) {
    return words.messages === null ? null : true;
  }
  const sentNothing = concluded.class === 'auth' && numberAt(words.result, 'api_error_status') === null;
  return sentNothing ? null : true;
}
