// Decides the class of a Gemini CLI failure: by its exit code, which is the HTTP status modulo 256, and its own words.

import { classifyError, plain, statusIn } from '../error-text.ts';
import type { Finding } from '../finding.ts';
import { retryAfterIn } from '../reset-time.ts';

/** Exit codes that are a status modulo 256. */
const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  [144, 400],
  [145, 401],
  [147, 403],
  [173, 429],
  [244, 500],
  [246, 502],
  [247, 503],
  [248, 504],
  [17, 529],
]);

/** Input that it refuses; a session that it does not know is told by its text. */
const BAD_INPUT: Finding = { class: 'setup', evidence: 'exit 42 (input)' };

/** Exit codes that are documented. */
const DOCUMENTED: ReadonlyMap<number, Finding> = new Map([
  [41, { class: 'auth', evidence: 'exit 41 (authentication)' }],
  [44, { class: 'setup', evidence: 'exit 44 (sandbox)' }],
  [52, { class: 'setup', evidence: 'exit 52 (configuration)' }],
  [53, { class: 'own_limit', evidence: 'exit 53 (turn limit)' }],
  [54, { class: 'agent_failure', evidence: 'exit 54 (tool)' }],
  [55, { class: 'setup', evidence: 'exit 55 (untrusted folder)' }],
]);

/** The failure that exit `code` and the error `text` show, or null. */
export function geminiFinding(code: number | null, text: string): Finding | null {
  const documented = code === null ? undefined : DOCUMENTED.get(code);
  if (documented !== undefined) {
    return documented;
  }
  const status = statusIn(text) ?? (code === null ? null : (STATUS_OF_CODE.get(code) ?? null));
  const quota = status === 429 ? ofQuota(text) : null;
  return quota ?? classifyError({ status, codes: [], text }) ?? (code === 42 ? BAD_INPUT : null);
}

/**
 * A 429 of Google speaks of quota, plan and billing in every case. With "limit: 0" there is none at all, whatever delay
 * it suggests; the daily quota is a window; all else is the minute's.
 */
function ofQuota(text: string): Finding {
  const words = plain(text);
  if (/\blimit: 0\b(?!\.)/.test(words)) {
    return { class: 'billing', evidence: 'status 429, "limit: 0"' };
  }
  if (words.includes('exhausted your daily quota')) {
    return { class: 'quota', evidence: 'status 429, "exhausted your daily quota"' };
  }
  const suggested = words.slice(Math.max(0, words.indexOf('suggested retry after')));
  return { class: 'rate', evidence: 'status 429', retryAfterMs: retryAfterIn(suggested) };
}
