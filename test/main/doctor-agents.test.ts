// What doctor says of sandboxes and secrets, and who can cure what.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../src/cli/local.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { replaceableSecrets, sandboxes, secrets, sharedUsers } from '../../src/main/doctor-agents.ts';
import { loadText, testFolder } from '../support/factory.ts';

let dir: string;
beforeEach(() => {
  dir = testFolder();
});
afterEach(() => rmSync(dir, { recursive: true }));

const fleetOf = (lines: string, head = ''): Fleet =>
  loadText(dir, `${head}\n[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "true"\n${lines}\n`);
const lines = (checks: readonly DoctorCheck[]): readonly string[] =>
  checks.map(({ state, area, text, remedy }) => `${state} ${area}: ${text}${remedy === null ? '' : ` → ${remedy}`}`);

describe('sandboxes', () => {
  const all = { standard: null, strict: null, addresses: null };
  const none = { standard: 'install it', strict: 'install it', addresses: 'use systemd' };

  it.each([
    ['', all, ['ok sandbox: standard: can be had · 0 agents', 'ok sandbox: strict: can be had · 0 agents']],
    [
      'sandbox = "standard"',
      all,
      ['ok sandbox: standard: can be had · 1 agent', 'ok sandbox: strict: can be had · 0 agents'],
    ],
    [
      'sandbox = "standard"',
      none,
      [
        'missing sandbox: standard: cannot be had, nothing of 1 agent is started → install it',
        'limited sandbox: strict: cannot be had → install it',
      ],
    ],
    [
      'sandbox = "strict"\nallowed_addresses = ["::1"]',
      { ...all, addresses: 'use systemd' },
      [
        'ok sandbox: standard: can be had · 0 agents',
        'ok sandbox: strict: can be had · 1 agent',
        'missing sandbox: nothing of 1 agent with allowed_addresses is started → use systemd',
      ],
    ],
  ])('%j where %j', (toml, held, expected) => {
    expect(lines(sandboxes(fleetOf(toml), held))).toEqual(expected);
  });
});

describe('projects that run as one user', () => {
  const said = (web: string, api: string, defaultUser: string | null): readonly string[] => {
    const project = (id: string, rest: string): string =>
      `[[projects]]\nid = "${id}"\nworking_dir = "${id}"\n${rest}\n`;
    const agent = '\n[[agents]]\nname = "b"\nproject = "web"\nlayer = "Growth"\ncli_tool = "true"';
    return lines(
      sharedUsers(fleetOf('project = "api"', project('web', web) + project('api', api) + agent), defaultUser),
    );
  };
  const told = (user: string): readonly string[] => [
    `limited sandbox: api, web run as ${user}: each can end the processes of the others → set [[projects]] user, another one for each`,
  ];

  it.each([
    ['neither is in a sandbox', '', '', 'adf-agent', []],
    ['one is in a sandbox', 'sandbox = "standard"', '', 'adf-agent', told('adf-agent')],
    ['both name the same', 'sandbox = "strict"\nuser = "one"', 'user = "one"', 'adf-agent', told('one')],
    ['each has its own', 'sandbox = "standard"', 'user = "api"', 'adf-agent', []],
    ['bubblewrap hides all processes', 'sandbox = "standard"', '', null, []],
  ])('%s', (...[, web, api, defaultUser, expected]) => {
    expect(said(web, api, defaultUser)).toEqual(expected);
  });
});

describe('a secret that is replaced while an agent runs', () => {
  const said = (sandbox: string, defaultUser: string | null): readonly string[] => {
    mkdirSync(join(dir, 'secrets'));
    ['secrets/npm', 'key'].forEach((name) => writeFileSync(join(dir, name), ''));
    const head = '[secrets]\nfiles = { NPM_TOKEN = "./secrets/npm", KEY = "./key", OTHER = "credential:other" }\n';
    return lines(replaceableSecrets(fleetOf(`sandbox = "${sandbox}"`, head), defaultUser));
  };

  it.each([
    ['is seen where it lies beside other things', 'standard', null, ['key']],
    ['is no secret from an agent without a sandbox', 'off', null, []],
    ['cannot be read by another user', 'strict', 'adf-agent', []],
  ])('%s', (...[, sandbox, defaultUser, files]) => {
    expect(said(sandbox, defaultUser)).toEqual(
      files.map(
        (name) =>
          `limited sandbox: ${dir}/${name} is hidden, but a new file in its place would be seen by agents that run then → keep it in a folder that holds secrets alone`,
      ),
    );
  });
});

describe('secrets', () => {
  const head = '[secrets]\nfiles = { NPM_TOKEN = "./npm", KEY = "credential:key" }\n';
  const asked = async (names: string, environment = {}): Promise<readonly string[]> =>
    lines(await secrets(fleetOf(`secrets = [${names}]`, head), environment));

  it('says nothing where no agent names one', async () => {
    expect(await asked('')).toEqual([]);
  });

  it('says that all can be given, and what cannot', async () => {
    writeFileSync(join(dir, 'npm'), 'npm-token-of-a-test', { mode: 0o600 });
    expect(await asked('"NPM_TOKEN"')).toEqual(['ok secrets: 1 agent can be given what they name']);
    chmodSync(join(dir, 'npm'), 0o644);
    expect(await asked('"NPM_TOKEN"', { CREDENTIALS_DIRECTORY: dir })).toEqual([
      `missing secrets: [secrets] files.NPM_TOKEN: others than its owner can use ${dir}/npm (mode 0644): chmod 600 ${dir}/npm → put it right, then: adf doctor`,
    ]);
  });

  it('says that only the service can look at its credentials', async () => {
    expect((await asked('"KEY"'))[0]).toMatch(/^limited secrets: .*only the service can look → sudo adf doctor$/);
  });
});
