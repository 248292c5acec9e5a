// How each CLI is led through a meter, and why one cannot be.

import { describe, expect, it } from 'vitest';

import { METER_ADDRESS } from '../../src/core/metering/order.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import type { MeteredStart, StartToMeter } from '../../src/ports/agent-driver.ts';

function metered(cli: string, start: Partial<StartToMeter>): MeteredStart | undefined {
  return driverFor(cli).metered?.({ argv: [cli], env: {}, model: null, ...start });
}

const CODEX = [
  'codex',
  'exec',
  '-c',
  'model_provider="own"',
  '-c',
  'model_providers.own.base_url="http://h/v1"',
  '-',
] as const;
const opencode = (provider: object): Readonly<Record<string, string>> => ({
  OPENCODE_CONFIG_CONTENT: JSON.stringify({ share: 'disabled', provider }),
});

describe('claude, gemini and qwen', () => {
  it('find their model by variables, and without them where it usually is', () => {
    expect(metered('claude', { env: { ANTHROPIC_BASE_URL: 'http://h:1/x' } })).toEqual({
      argv: ['claude'],
      env: { ANTHROPIC_BASE_URL: `${METER_ADDRESS}/0` },
      upstreams: ['http://h:1/x'],
    });
    expect(metered('claude', {})?.upstreams).toEqual(['https://api.anthropic.com']);
    expect(metered('gemini', { env: { GOOGLE_GEMINI_BASE_URL: 'https://g' } })).toMatchObject({
      env: { GOOGLE_GEMINI_BASE_URL: `${METER_ADDRESS}/0`, CODE_ASSIST_ENDPOINT: `${METER_ADDRESS}/1` },
      upstreams: ['https://g', 'https://cloudcode-pa.googleapis.com'],
    });
    expect(metered('/opt/qwen', { env: { OPENAI_BASE_URL: 'https://q/v1' } })?.upstreams).toEqual(['https://q/v1']);
  });
});

describe('codex', () => {
  it('finds it by the address of the provider that its arguments name, in the last of several', () => {
    const { argv, upstreams } = metered('codex', { argv: CODEX }) ?? {};
    expect(argv).toEqual([...CODEX.slice(0, 5), `model_providers.own.base_url="${METER_ADDRESS}/0"`, '-']);
    expect(upstreams).toEqual(['http://h/v1']);
    const twice = [...CODEX.slice(0, 6), '--config', "model_providers.own.base_url='https://later'", '-'];
    expect(metered('codex', { argv: twice as [string, ...string[]] })?.upstreams).toEqual(['https://later']);
  });

  it('finds it by one setting where it has no provider of its own', () => {
    const argv = ['codex', '-c', 'openai_base_url="https://api.openai.com/v1"'] as const;
    expect(metered('codex', { argv })?.argv[2]).toBe(`openai_base_url="${METER_ADDRESS}/0"`);
  });
});

describe('opencode', () => {
  it('finds each provider by its configuration, of which the rest stays as it is', () => {
    const own = { npm: 'n', options: { baseURL: 'http://h/v1', apiKey: 'any' } };
    const { env, upstreams } = metered('opencode', { env: opencode({ own, other: {} }), model: 'own/m' }) ?? {};
    expect(JSON.parse(env?.['OPENCODE_CONFIG_CONTENT'] ?? '')).toEqual({
      share: 'disabled',
      provider: { own: { npm: 'n', options: { baseURL: `${METER_ADDRESS}/0`, apiKey: 'any' } }, other: {} },
    });
    expect(upstreams).toEqual(['http://h/v1']);
  });

  it('finds the provider of its model where that usually is', () => {
    const { env, upstreams } = metered('opencode', { model: 'anthropic/claude-sonnet-4-5' }) ?? {};
    expect(upstreams).toEqual(['https://api.anthropic.com/v1']);
    expect(env?.['OPENCODE_CONFIG_CONTENT']).toBe(
      JSON.stringify({ provider: { anthropic: { options: { baseURL: `${METER_ADDRESS}/0` } } } }),
    );
  });
});

describe('a CLI whose model cannot be found', () => {
  it.each<readonly [string, string, Partial<StartToMeter>, string]>([
    ['qwen', 'without its variable', {}, 'write OPENAI_BASE_URL into env'],
    ['claude', 'by what is no address', { env: { ANTHROPIC_BASE_URL: 'nowhere' } }, 'ANTHROPIC_BASE_URL is no http'],
    ['claude', 'in a cloud', { env: { CLAUDE_CODE_USE_BEDROCK: '1' } }, 'CLAUDE_CODE_USE_BEDROCK leads past it'],
    ['gemini', 'in a cloud', { env: { GOOGLE_GENAI_USE_VERTEXAI: 'true' } }, 'GOOGLE_GENAI_USE_VERTEXAI leads past'],
    ['codex', 'without an argument', { argv: ['codex', 'exec', '-'] }, 'write "-c", \'openai_base_url='],
    [
      'codex',
      'by a provider without one',
      { argv: ['codex', '-c', 'model_provider=own'] },
      'model_providers.own.base_url',
    ],
    ['opencode', 'by an unknown provider', { model: 'own/m' }, 'write provider.own.options.baseURL into'],
    ['opencode', 'without a model', {}, 'write its model as provider/model'],
    ['opencode', 'by what is no address', { env: opencode({ a: { options: { baseURL: 'ftp://h' } } }) }, 'no http'],
  ])('%s, %s, is told what to write', (...row) => {
    const [cli, , start, cure] = row;
    expect(() => metered(cli, start)).toThrow(cure);
    expect(() => metered(cli, start)).toThrow(/cannot be metered/);
  });

  it.each([{}, { CLAUDE_CODE_USE_BEDROCK: '' }, { CLAUDE_CODE_USE_BEDROCK: '0' }])('is not claude with %j', (env) => {
    expect(metered('claude', { env })?.upstreams).toHaveLength(1);
  });

  it('is every program without a driver', () => {
    expect(driverFor('sh').metered).toBeUndefined();
  });
});
