// Decides the failure class of an error that a CLI reported: by its status and codes first, by its text only then.
//
// The text is that of an error event or the end of stderr, never what an agent said; the evidence names our own phrase or
// the code that was found, so that it can be logged.

import type { FailureClass } from '../core/run/outcome.ts';
import type { Finding } from './finding.ts';

/** What a CLI tells of one error. */
export interface ReportedError {
  readonly status: number | null;
  /** Machine-readable names: type, code, api_error … */
  readonly codes: readonly string[];
  readonly text: string;
}

/** Codes in the order of the table: the first class that has one of them wins. */
const CODES: readonly (readonly [FailureClass, readonly string[]])[] = [
  ['auth', ['authentication_error', 'authentication_failed', 'permission_error', 'invalid_api_key', 'unauthenticated']],
  ['billing', ['billing_error', 'insufficient_quota']],
  ['quota', ['usage_limit_reached']],
  ['rate', ['rate_limit_error', 'rate_limit_exceeded', 'rate_limit']],
  ['network', ['connection_failed', 'connection_error']],
  ['overload', ['overloaded_error', 'overloaded', 'api_error', 'server_error']],
  ['context', ['context_length_exceeded', 'prompt_too_long', 'contextoverflowerror']],
  ['setup', ['model_not_found', 'not_found_error']],
];

/** Phrases in the order of the table, lower case, with plain apostrophes. */
const PHRASES: readonly (readonly [FailureClass, readonly string[]])[] = [
  [
    'auth',
    [
      'invalid api key',
      'invalid x-api-key',
      'missing api key',
      'missing environment variable',
      'must specify the gemini_api_key',
      'not logged in',
      'please run /login',
      'failed to authenticate',
      'refresh token',
      'invalid_grant',
      'token revoked',
      'token has been revoked',
      'token expired',
      'token has expired',
      'unauthorized',
    ],
  ],
  ['quota', ['free allocated quota exceeded', 'exhausted your daily quota']],
  [
    'billing',
    [
      'insufficient_quota',
      'credit balance',
      'out of extra usage',
      'quota exceeded. check your plan',
      'exceeded your current quota, please check your plan',
    ],
  ],
  ['quota', ['usage limit', 'session limit', 'weekly limit', "you've hit your limit", 'limit reached|']],
  ['rate', ['too many requests', 'rate limit']],
  ['overload', ['overloaded', 'high demand', 'internal server error', 'api error: json parse error']],
  [
    'network',
    [
      'waiting for network',
      'fetch failed',
      'stream disconnected',
      'cannot connect to api',
      'unable to connect',
      'connection error',
      'connection failed',
      'connection refused',
      'socket connection was closed',
      'other side closed',
      'socket hang up',
      'api error: terminated',
      'econnrefused',
      'econnreset',
      'etimedout',
      'enotfound',
      'eai_again',
      'und_err_',
    ],
  ],
  [
    'context',
    ['prompt is too long', 'context length', 'context window', 'context_length_exceeded', 'input token count'],
  ],
  [
    'bad_session',
    [
      'no conversation found',
      'no rollout found',
      'session not found',
      'no saved session',
      'no previous sessions',
      'invalid session identifier',
      'is already in use',
    ],
  ],
  [
    'setup',
    [
      'model_not_found',
      'does not exist or you do not have access',
      'model does not exist',
      'is not found for api version',
      'root/sudo privileges',
      'unknown argument',
      'unknown option',
      'unexpected argument',
      'input must be provided',
      'not a trusted folder',
      'untrusted folder',
    ],
  ],
];

/** A status after a word that says that it is one; nothing else of three digits (a port, a count of tokens) is taken for it. */
const STATUS =
  /\b(?:status(?:[ _]?code)?|code|api error|http(?:\/[\d.]+)?|rejected)["']?[\s:=(]{0,3}([45]\d\d)(?![\d.]*\d)/i;

// Written with its character code: a control character in a pattern is invisible.
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** The class of `error`, or null when nothing in it is known. */
export function classifyError(error: ReportedError): Finding | null {
  const status = error.status ?? statusIn(error.text);
  const codes = error.codes.map((code) => code.toLowerCase());
  if (status === 401 || status === 403) {
    return { class: 'auth', evidence: `status ${status}` };
  }
  if (status === 429 || codes.includes('insufficient_quota')) {
    return tooMany(status, codes, error.text);
  }
  for (const [failure, names] of CODES) {
    const code = codes.find((name) => names.includes(name));
    if (code !== undefined && (failure !== 'overload' || status === null || status >= 500)) {
      return { class: failure, evidence: status === null ? `code ${code}` : `status ${status}, code ${code}` };
    }
  }
  if (status !== null && status >= 500) {
    return { class: 'overload', evidence: `status ${status}` };
  }
  return classifyText(error.text) ?? (status === 404 ? { class: 'setup', evidence: 'status 404' } : null);
}

/** The class of an error text alone, or null. */
export function classifyText(text: string): Finding | null {
  const status = statusIn(text);
  if (status !== null && (status >= 500 || status === 429 || status === 401 || status === 403)) {
    return classifyError({ status, codes: [], text });
  }
  const found = phraseIn(text, PHRASES);
  if (found !== null) {
    return found;
  }
  return status === 404 ? { class: 'setup', evidence: 'status 404' } : null;
}

/** The HTTP status that `text` speaks of, or null. */
export function statusIn(text: string): number | null {
  const match = STATUS.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `text` without colour codes, in lower case and with plain apostrophes: what phrases are looked for in. */
export function plain(text: string): string {
  return text.replace(COLOUR, '').replaceAll('’', "'").toLowerCase();
}

/** A 429 is a short wait, a used-up window, or an account without money: only codes and words tell these apart. */
function tooMany(status: number | null, codes: readonly string[], text: string): Finding {
  const prefix = status === null ? '' : `status ${status}, `;
  if (codes.includes('usage_limit_reached')) {
    return { class: 'quota', evidence: `${prefix}code usage_limit_reached` };
  }
  const words = phraseIn(
    text,
    PHRASES.filter(([failure]) => failure === 'quota' || failure === 'billing'),
  );
  if (words !== null) {
    return { class: words.class, evidence: `${prefix}${words.evidence}` };
  }
  const noMoney = codes.find((code) => code === 'insufficient_quota' || code === 'billing_error');
  return noMoney === undefined
    ? { class: 'rate', evidence: `status ${status ?? 429}` }
    : { class: 'billing', evidence: `${prefix}code ${noMoney}` };
}

function phraseIn(text: string, table: typeof PHRASES): Finding | null {
  const looked = plain(text);
  for (const [failure, phrases] of table) {
    const phrase = phrases.find((candidate) => looked.includes(candidate));
    if (phrase !== undefined) {
      return { class: failure, evidence: `"${phrase}"` };
    }
  }
  return null;
}
