// Which secrets agents may name, and what is said of files that cannot hold one.

import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testFolder } from '../support/factory.ts';
import { errorsOf, fleetOf, warningsOf } from '../support/load-config.ts';

const agent = (lines: string): string => `[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "echo"\n${lines}\n`;
const NPM = '[secrets]\nfiles = { NPM_TOKEN = "./npm-token" }\n';

describe('secrets of agents', () => {
  it.each([
    [
      '',
      'secrets = ["X"]',
      ['5:12 agents[0].secrets[0]: no secret is called "X": say in [secrets] which file holds it'],
    ],
    [
      NPM,
      'secrets = ["NPM_TOKN"]',
      ['7:12 agents[0].secrets[0]: no secret is called "NPM_TOKN" (did you mean "NPM_TOKEN"?)'],
    ],
    [NPM, 'secrets = ["NPM_TOKEN"]', []],
    ['[secrets]\nenv_file = "./env"\n', 'secrets = ["ANY"]', []],
    [
      NPM,
      'env = { NPM_TOKEN = "${WORD}" }\nsecrets = ["NPM_TOKEN"]',
      ['8:12 agents[0].secrets[0]: "NPM_TOKEN" stands in env too: keep one of them'],
    ],
    [
      '[secrets]\nfiles = { NPM_TOKEN = "npm_abc" }\n',
      '',
      [
        '2:23 secrets.files.NPM_TOKEN: this value: must be a table of variables with the path of the file that holds the secret, or "credential:NAME"; never the secret itself',
      ],
    ],
  ])('%j with %j: %j', (secrets, lines, expected) => {
    expect(errorsOf(`${secrets}${agent(lines)}`).map((line) => line.replace('agents.toml:', ''))).toEqual(expected);
  });

  it('lie beside the file that names them, or among the credentials of the unit', () => {
    const files = '[secrets]\nenv_file = "../env"\nfiles = { A = "./a", B = "credential:b" }\n';

    expect(fleetOf(`${files}${agent('')}`).secrets).toEqual({
      envFile: '/env',
      files: { A: '/repo/a', B: 'credential:b' },
    });
  });
});

describe('a file of secrets', () => {
  let dir: string;
  beforeEach(() => {
    dir = testFolder();
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const warned = (file: string): string[] =>
    warningsOf(`[secrets]\nfiles = { NPM_TOKEN = "${file}" }\n${agent('')}`, {
      env: { CREDENTIALS_DIRECTORY: dir },
    }).filter((line) => line.includes('NPM_TOKEN'));

  it.each([
    ['that is not there', null, 'there is no such file'],
    ['that others can read', 0o604, 'others than its owner can use '],
    ['that others can write', 0o602, 'others than its owner can use '],
    ['that a group can read', 0o640, 'others than its owner can use '],
  ])('%s is warned of, as a path and as a credential', (_, mode, message) => {
    const file = join(dir, 'npm-token');
    if (mode !== null) {
      writeFileSync(file, 'npm-token-of-a-test');
      chmodSync(file, mode);
    }
    for (const place of [file, 'credential:npm-token']) {
      expect(warned(place)).toEqual([expect.stringContaining(message)]);
      expect(warned(place)).toEqual([expect.stringContaining('will not start')]);
    }
  });

  it('that is its owner’s alone, or that nobody here can look at, is not', () => {
    const file = join(dir, 'npm-token');
    writeFileSync(file, 'npm-token-of-a-test', { mode: 0o600 });

    expect(warned(file)).toEqual([]);
    expect(warningsOf(`[secrets]\nenv_file = "credential:env"\n${agent('')}`).join()).not.toContain('env_file');
  });
});
