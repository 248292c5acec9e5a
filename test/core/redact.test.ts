// What is taken out of text before it leaves the house, and what is left readable.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/core/redact.ts';

// Put together here, so that no scanner takes this file for a leak.
const shaped = (...parts: string[]): string => parts.join('');

describe('redact', () => {
  it.each([
    ['an Anthropic key', shaped('sk-', 'ant-api03-', 'AbCdEfGhIjKlMnOp_qrs')],
    ['an OpenAI key', shaped('sk-', 'proj-', 'abcdefghijklmnop1234')],
    ['a Stripe key', shaped('sk_', 'live_', 'abcdefghij12')],
    ['a GitHub token', shaped('ghp', '_', 'a'.repeat(36))],
    ['a fine-grained GitHub token', shaped('github', '_pat_', 'a'.repeat(30))],
    ['a GitLab token', shaped('glpat', '-', 'a'.repeat(20))],
    ['a Slack token', shaped('xoxb', '-', '1234567890-abc')],
    ['a Slack webhook', shaped('https://hooks.', 'slack.com/services/', 'T0/B0/abc')],
    ['an AWS key id', shaped('AKIA', 'ABCDEFGHIJKLMNOP')],
    ['a Google key', shaped('AIza', 'a'.repeat(35))],
    ['an npm token', shaped('npm', '_', 'a'.repeat(36))],
    ['a Hugging Face token', shaped('hf', '_', 'a'.repeat(34))],
    ['a PyPI token', shaped('pypi', '-', 'AgEIcHlwaS5vcmcCJDU2')],
    ['a Telegram bot token', shaped('123456789', ':', 'a'.repeat(35))],
    ['an age key', shaped('AGE-SECRET', '-KEY-1', 'Q'.repeat(40))],
    ['a JWT', shaped('eyJhbGciOiJI', '.', 'eyJzdWIiOiIx', '.', 'sig_na-ture')],
  ])('takes out %s', (_name, secret) => {
    expect(redact(`before ${secret} after`, [])).toBe('before [redacted] after');
  });

  it('takes out a private key whole, also one that is cut off', () => {
    const key = shaped('-----BEGIN OPENSSH ', 'PRIVATE KEY-----\nAAAA\nBBBB\n');

    expect(redact(`a\n${key}-----END OPENSSH PRIVATE KEY-----\nb`, [])).toBe('a\n[redacted]\nb');
    expect(redact(`a\n${key}`, [])).toBe('a\n[redacted]');
  });

  it.each([
    ['Authorization: token 0123456789abcdef', 'Authorization: token [redacted]'],
    ['"authorization": "Basic dXNlcjpwYXNz"', '"authorization": "Basic [redacted]"'],
    ['curl -H "X: Bearer abc123def456ghi"', 'curl -H "X: Bearer [redacted]"'],
    ['git clone https://bot:hunter2@git.example/x.git', 'git clone https://bot:[redacted]@git.example/x.git'],
    ['GET /hook?token=abc&page=2', 'GET /hook?token=[redacted]&page=2'],
    ['export GITEA_TOKEN=correct-horse', 'export GITEA_TOKEN=[redacted]'],
    ["DB_PASSWORD='pass word", "DB_PASSWORD='[redacted] word"],
    ['{"api_key": "abcdef0123456789"}', '{"api_key": "[redacted]"}'],
  ])('takes out what follows an announcement: %s', (text, clean) => {
    expect(redact(text, [])).toBe(clean);
  });

  it.each([
    ['used 123456 input tokens, max_tokens=200000'],
    ['"total_tokens":1234567'],
    ['MAX_OUTPUT_TOKENS=64000'],
    ['commit 7ee208cc6fb00bbd7b312bdbe057886361754738'],
    ['error: invalid token: expired'],
    ['see https://git.example:3000/a/b and mail a@b.example'],
    ['sk-ip this step'],
  ])('leaves readable what is no secret: %s', (text) => {
    expect(redact(text, [])).toBe(text);
  });

  it('takes out known values as they stand, in an address, in JSON, and line by line', () => {
    const secret = 'pa"ss/wörd\nsecond line';

    const clean = redact(
      [secret, encodeURIComponent('pa"ss/wörd'), JSON.stringify(secret), 'only second line here'].join(' | '),
      [secret],
    );

    expect(clean).toBe('[redacted] | [redacted] | "[redacted]" | only [redacted] here');
  });

  it('leaves known values under six characters alone', () => {
    expect(redact('the dev1! box, the dev12! box', ['dev1!', 'dev12!'])).toBe('the dev1! box, the [redacted] box');
  });

  it('leaves no known value behind, however values overlap', () => {
    const value = fc.string({ unit: fc.constantFrom('x', 'y', '0', '/', '"'), minLength: 6, maxLength: 12 });

    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.string(), (values, between) => {
        const clean = redact(values.join(between), values);

        expect(values.filter((known) => clean.includes(known))).toEqual([]);
      }),
    );
  });

  it('takes linear time on text made to slow it down', () => {
    const hostile = ['A'.repeat(200_000), 'token '.repeat(40_000), '://'.repeat(60_000), 'a_'.repeat(100_000)];

    const started = performance.now();
    for (const text of hostile) {
      redact(text, []);
    }

    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
