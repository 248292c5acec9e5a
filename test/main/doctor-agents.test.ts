// What doctor says of sandboxes and secrets, and who can cure what.

import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../src/cli/local.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { sandboxes, secrets } from '../../src/main/doctor-agents.ts';
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
      `missing secrets: every user of this machine can use the secret in ${dir}/npm: chmod 600 ${dir}/npm → put it right, then: adf doctor`,
    ]);
  });

  it('says that only the service can look at its credentials', async () => {
    expect((await asked('"KEY"'))[0]).toMatch(/^limited secrets: .*only the service can look → sudo adf doctor$/);
  });
});
