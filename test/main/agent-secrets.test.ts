// What agents are given of the secrets that they name, and why they are given none.

import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretsInForce } from '../../src/main/agent-secrets.ts';
import { envFileValues } from '../../src/main/env-file.ts';
import type { SecretValues } from '../../src/ports/secret-values.ts';
import { loadText, testFolder } from '../support/factory.ts';

let dir: string;
beforeEach(() => {
  dir = testFolder();
});
afterEach(() => rmSync(dir, { recursive: true }));

const put = (name: string, text: string, mode = 0o600): void => {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
};

/** The secrets of a fleet whose one agent names `names`. */
function asked(names: readonly string[]): { readonly secrets: SecretValues; readonly values: Promise<unknown> } {
  const fleet = loadText(
    dir,
    `[secrets]
env_file = "./env"
files = { DEPLOY_KEY = "./deploy-key", NPM_TOKEN = "credential:npm" }
[[agents]]
name = "a"
layer = "Growth"
cli_tool = "echo"
secrets = ${JSON.stringify(names)}
`,
  );
  const secrets = secretsInForce({ now: fleet }, { CREDENTIALS_DIRECTORY: dir, GIT_TOKEN: 'of-the-daemon' });
  const [agent] = fleet.agents;
  return { secrets, values: agent === undefined ? Promise.reject(new Error('no agent')) : secrets.of(agent) };
}

describe('the secrets of an agent', () => {
  it('are those that it names, from files, credentials and the env file', async () => {
    put('deploy-key', 'line one\nline two\n');
    put('npm', 'npm-value\n');
    put('env', 'API_KEY=api-value\nOTHER=other-value\n');
    const { secrets, values } = asked(['DEPLOY_KEY', 'NPM_TOKEN', 'API_KEY']);

    expect(await values).toEqual({ DEPLOY_KEY: 'line one\nline two', NPM_TOKEN: 'npm-value', API_KEY: 'api-value' });
    expect(secrets.known().toSorted()).toEqual(['api-value', 'line one\nline two', 'npm-value', 'of-the-daemon']);
  });

  it('stay known after their files were replaced, because the agent goes on with them', async () => {
    put('npm', 'first-value');
    const { secrets, values } = asked(['NPM_TOKEN']);
    await values;
    put('npm', 'second-value');

    expect(secrets.known()).toContain('first-value');
  });

  it.each([
    ['is not there', { text: null, mode: 0o600 }, /cannot read the secret in .*npm: ENOENT/],
    ['is empty', { text: '\n', mode: 0o600 }, /npm is empty/],
    [
      'can be read by others',
      { text: 'npm-value', mode: 0o604 },
      /^\[secrets\] files\.NPM_TOKEN: others than its owner can use .*npm \(mode 0604\): chmod 600 /,
    ],
    [
      'can be read by a group, that of its agents perhaps',
      { text: 'npm-value', mode: 0o640 },
      /others than its owner can use .*npm \(mode 0640\)/,
    ],
    ['holds too little', { text: '12345', mode: 0o600 }, /the secret NPM_TOKEN in .*npm has fewer than 6 characters/],
  ])('are refused when their file %s', async (_, file, message) => {
    if (file.text !== null) {
      put('npm', file.text, file.mode);
    }

    await expect(asked(['NPM_TOKEN']).values).rejects.toThrow(message);
  });

  it('are refused when the env file does not hold one', async () => {
    put('env', 'OTHER=other-value\n');

    await expect(asked(['API_KEY']).values).rejects.toThrow(/a names the secret API_KEY, and .*env does not hold it/);
  });
});

describe('an env file', () => {
  it.each([
    ['A=plain value # whole', 'plain value # whole'],
    ['export A = no', undefined],
    ['export A=exported', 'exported'],
    ["  A='single \\n $B'", 'single \\n $B'],
    ['A="two\\nlines \\"quoted\\" \\$5"', 'two\nlines "quoted" $5'],
    ['A="half', '"half'],
    ['# A=comment', undefined],
    ['A=first\r\nA=last', 'last'],
    ['A=', ''],
  ])('%j gives %j', (text, value) => {
    expect(envFileValues(text).get('A')).toBe(value);
  });
});
