// Which class an error has, by status and codes first and by its words only then.

import { describe, expect, it } from 'vitest';

import { classifyError, classifyText, statusIn } from '../../src/drivers/error-text.ts';
import type { ReportedError } from '../../src/drivers/error-text.ts';

type Row = readonly [failure: string | null, text: string];

/** Texts that the CLIs print, as recorded or in their sources. */
const TEXTS: readonly Row[] = [
  ['auth', 'unexpected status 401 Unauthorized: invalid x-api-key, url: http://127.0.0.1:8787/v1'],
  ['auth', 'Missing environment variable: `KEY`.'],
  ['auth', 'Your refresh token was already used. Please log in again.'],
  ['auth', 'OAuth token has expired. Please run /login'],
  ['auth', '[API Error: {"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}]'],
  ['quota', 'Free allocated quota exceeded.'],
  ['quota', 'You’ve hit your usage limit. … try again at 10:56 AM.'],
  ['quota', "You've reached your weekly limit · resets 8pm (UTC)"],
  ['billing', 'Quota exceeded. Check your plan and billing details.'],
  ['billing', 'Your credit balance is too low'],
  [
    'billing',
    'Retrying in 60s: [API Error: 429 You exceeded your current quota, please check your plan and billing details.]',
  ],
  ['rate', 'exceeded retry limit, last status: 429 Too Many Requests'],
  ['rate', 'Request rejected (429)'],
  ['overload', 'We’re currently experiencing high demand, which may cause temporary errors.'],
  ['overload', 'unexpected status 529 <unknown status code>: Overloaded'],
  ['overload', 'HTTP/1.1 503 Service Unavailable'],
  ['overload', 'API Error: JSON Parse error: Unexpected EOF'],
  ['network', 'Reconnecting... waiting for network (Connection failed: error sending request)'],
  ['network', '[API Error: terminated (cause: UND_ERR_SOCKET: other side closed)]'],
  ['network', 'Cannot connect to API: Unable to connect.'],
  ['context', "Codex ran out of room in the model's context window."],
  ['context', "[API Error: 400 This model's maximum context length is 128000 tokens. … 208310 tokens.]"],
  ['bad_session', '\u001B[91m\u001B[1mError: \u001B[0mSession not found'],
  ['bad_session', 'No saved session found with ID 0.'],
  ['setup', '[API Error: 404 no such thing]'],
  ['setup', 'The model `m` does not exist or you do not have access to it.'],
  ['setup', '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons'],
  [null, 'Done: 429 files written, 500 lines, 401 tests'],
  [null, 'listening on http://127.0.0.1:5000/'],
  [null, 'error at line 4010, code 5000, code 500.3'],
  [null, ''],
];

describe('an error text', () => {
  for (const [failure, text] of TEXTS) {
    it(`${JSON.stringify(text)} is ${failure ?? 'nothing known'}`, () => {
      expect(classifyText(text)?.class ?? null).toBe(failure);
    });
  }

  it('is never repeated in the evidence', () => {
    expect(classifyText('sk-secret: unexpected status 401 for token abc')?.evidence).toBe('status 401');
    expect(classifyText('sk-secret: Invalid API key sk-secret')?.evidence).toBe('"invalid api key"');
  });

  it.each([
    ['status 401', 401],
    ['statusCode: 404', 404],
    ['"code":503,', 503],
    ['status code 500', 500],
    ['API Error: 429 slow', 429],
    ['status 4290', null],
    ['status 399', null],
    ['port 8429', null],
    ['barcode 404', null],
  ])('%s speaks of the status %s', (text, status) => {
    expect(statusIn(text)).toBe(status);
  });
});

describe('a reported error', () => {
  const of = (error: Partial<ReportedError>): string | null =>
    classifyError({ status: null, codes: [], text: '', ...error })?.class ?? null;

  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [429, 'rate'],
    [499, null],
    [500, 'overload'],
    [599, 'overload'],
    [404, 'setup'],
    [400, null],
  ])('with status %i alone is %s', (status, failure) => {
    expect(of({ status })).toBe(failure);
  });

  it('is believed before its text', () => {
    expect(of({ status: 500, text: 'invalid api key' })).toBe('overload');
    expect(of({ status: 400, codes: ['context_length_exceeded'], text: 'unauthorized' })).toBe('context');
  });

  it('with 429 is a rate, a used-up window or an empty account', () => {
    expect(of({ status: 429, codes: ['rate_limit_exceeded'] })).toBe('rate');
    expect(of({ status: 429, codes: ['insufficient_quota'] })).toBe('billing');
    expect(of({ status: 429, codes: ['insufficient_quota'], text: 'Free allocated quota exceeded.' })).toBe('quota');
    expect(of({ status: 429, codes: ['rate_limit_error', 'usage_limit_reached'] })).toBe('quota');
  });

  it('with 404 is what its text says, else setup', () => {
    expect(of({ status: 404, text: 'Session not found' })).toBe('bad_session');
    expect(of({ status: 404, codes: ['model_not_found'] })).toBe('setup');
  });
});
