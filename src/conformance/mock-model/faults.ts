// The error answers of the mock model, with bodies as the vendors write them.

import type { Vendor } from './tokens.ts';

/** One error answer. */
export interface Fault {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<number, readonly [text: string, anthropic: string, google: string]>> = {
  401: ['invalid x-api-key', 'authentication_error', 'UNAUTHENTICATED'],
  403: ['mock forbidden', 'permission_error', 'PERMISSION_DENIED'],
  429: ['mock rate limit reached', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  500: ['mock internal error', 'api_error', 'INTERNAL'],
  529: ['Overloaded', 'overloaded_error', 'UNAVAILABLE'],
};
const OPENAI_CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };

/** `status` in the words of `vendor`; a 429 asks for one second, or for `retryAfter`. */
export function fault(status: number, vendor: Vendor, retryAfter = 1): Fault {
  const [text, anthropic, google] = WORDS[status] ?? ['mock error', 'api_error', 'UNKNOWN'];
  return {
    status,
    headers: status === 429 ? { 'retry-after': String(retryAfter) } : {},
    body:
      vendor === 'anthropic'
        ? { type: 'error', error: { type: anthropic, message: text }, request_id: 'req_mock' }
        : vendor === 'gemini'
          ? { error: { code: status, message: text, status: google } }
          : { error: { message: text, type: anthropic, param: null, code: OPENAI_CODES[status] ?? null } },
  };
}

/** The plan of the account is used up until `resetAt` (epoch s), as each vendor says it. */
export function planLimit(vendor: Vendor, resetAt: number): Fault {
  const inSeconds = Math.max(1, resetAt - Math.floor(Date.now() / 1000));
  if (vendor === 'anthropic') {
    const claim = (name: string): string => `anthropic-ratelimit-unified-${name}`;
    return {
      ...fault(429, vendor, inSeconds),
      headers: {
        'retry-after': String(inSeconds),
        [claim('status')]: 'rejected',
        [claim('reset')]: String(resetAt),
        [claim('representative-claim')]: 'five_hour',
        [claim('5h-status')]: 'rejected',
        [claim('5h-reset')]: String(resetAt),
        [claim('5h-utilization')]: '1.0',
        [claim('fallback')]: 'unavailable',
        [claim('overage-status')]: 'rejected',
      },
    };
  }
  if (vendor === 'responses') {
    const limit = { type: 'usage_limit_reached', message: 'The usage limit has been reached', plan_type: 'plus' };
    return {
      status: 429,
      headers: {},
      body: { error: { ...limit, resets_at: resetAt, resets_in_seconds: inSeconds } },
    };
  }
  if (vendor === 'gemini') {
    const text = `You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 250, model: gemini-2.5-flash\nPlease retry in 38.1s.`;
    const violation = {
      quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
      quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
      quotaDimensions: { location: 'global', model: 'gemini-2.5-flash' },
      quotaValue: '250',
    };
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '38s' },
    ];
    return {
      status: 429,
      headers: {},
      body: { error: { code: 429, message: text, status: 'RESOURCE_EXHAUSTED', details } },
    };
  }
  const message = 'Free allocated quota exceeded.';
  return {
    status: 429,
    headers: {},
    body: { error: { message, type: 'insufficient_quota', param: null, code: 'insufficient_quota' } },
  };
}
